"""The views of INFORMATION_SCHEMA: Databricks' names, order and types of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

from lakestead.core.datatypes import parse_type

# What a type is made of, the same in columns, routines and parameters.
_TYPE_DETAILS = """
    character_maximum_length:bigint character_octet_length:bigint numeric_precision:int
    numeric_precision_radix:int numeric_scale:int datetime_precision:int interval_type interval_precision:int
    maximum_cardinality:bigint
"""
_CHANGES = "created!:timestamp created_by! last_altered!:timestamp last_altered_by!"
_CONSTRAINT = "constraint_catalog! constraint_schema! constraint_name!"
_TABLE = "table_catalog! table_schema! table_name!"
_ROUTINE = "specific_catalog! specific_schema! specific_name!"
_PRIVILEGE = "privilege_type! is_grantable! inherited_from!"
_GRANT = "grantor! grantee!"
_TAG = "tag_name! tag_value!"

# view: its columns as ``name[!][:type]``; ``!`` is NOT NULL, the type a string unless given.
_COLUMNS = {
    "catalog_privileges": f"{_GRANT} catalog_name! {_PRIVILEGE}",
    "catalog_tags": f"catalog_name! {_TAG}",
    "catalogs": f"catalog_name! catalog_owner! comment {_CHANGES} url",
    "check_constraints": f"{_CONSTRAINT} check_clause! sql_path",
    "column_masks": f"{_TABLE} column_name! mask_name using_columns",
    "column_tags": f"catalog_name! schema_name! table_name! column_name! {_TAG}",
    "columns": f"""
        {_TABLE} column_name! ordinal_position!:int column_default is_nullable! full_data_type!
        data_type! {_TYPE_DETAILS} is_identity! identity_generation identity_start
        identity_increment identity_maximum identity_minimum identity_cycle is_generated!
        generation_expression is_system_time_period_start! is_system_time_period_end!
        system_time_period_timestamp_generation is_updatable! partition_index:int comment
    """,
    "constraint_column_usage": f"{_TABLE} column_name! {_CONSTRAINT}",
    "constraint_table_usage": f"{_CONSTRAINT} {_TABLE}",
    "external_locations": f"""
        external_location_name! external_location_owner! url! storage_credential_id!
        storage_credential_name! read_only! comment {_CHANGES}
    """,
    "information_schema_catalog_name": "catalog_name!",
    "key_column_usage": f"""
        {_CONSTRAINT} {_TABLE} column_name! ordinal_position!:int position_in_unique_constraint:int
    """,
    "metastore_privileges": f"{_GRANT} metastore_id! {_PRIVILEGE}",
    "metastores": f"""
        metastore_id! metastore_name! metastore_owner! storage_root! storage_root_credential_id
        storage_root_credential_name delta_sharing_scope!
        delta_sharing_recipient_token_lifetime:bigint delta_sharing_organization_name!
        privilege_model_version! cloud! region! global_metastore_id! {_CHANGES}
    """,
    "parameters": f"""
        {_ROUTINE} ordinal_position!:int parameter_mode! is_result! as_locator! parameter_name
        data_type! full_data_type! {_TYPE_DETAILS} parameter_default comment
    """,
    "referential_constraints": f"""
        {_CONSTRAINT} unique_constraint_catalog! unique_constraint_schema! unique_constraint_name!
        match_option! update_rule! delete_rule!
    """,
    "routine_columns": f"""
        {_ROUTINE} column_name! ordinal_position!:int data_type! full_data_type! {_TYPE_DETAILS}
        comment
    """,
    "routine_privileges": f"""
        {_GRANT} {_ROUTINE} routine_catalog! routine_schema! routine_name! {_PRIVILEGE}
    """,
    "routines": f"""
        {_ROUTINE} routine_catalog! routine_schema! routine_name! routine_owner! routine_type!
        data_type! full_data_type! {_TYPE_DETAILS} routine_body! routine_definition external_name
        external_language parameter_style! is_deterministic! sql_data_access! is_null_call!
        security_type! sql_path comment {_CHANGES}
    """,
    "row_filters": f"{_TABLE} filter_name target_columns",
    "schema_privileges": f"{_GRANT} catalog_name! schema_name! {_PRIVILEGE}",
    "schema_tags": f"catalog_name! schema_name! {_TAG}",
    "schemata": f"catalog_name! schema_name! schema_owner! comment {_CHANGES} url",
    "storage_credentials": f"""
        storage_credential_id! storage_credential_name! storage_credential_owner! credential_type!
        credential! used_for_managed_storage! comment {_CHANGES}
    """,
    "table_constraints": f"""
        {_CONSTRAINT} {_TABLE} constraint_type! is_deferrable! initially_deferred! enforced!
    """,
    "table_privileges": f"{_GRANT} {_TABLE} {_PRIVILEGE}",
    "table_tags": f"catalog_name! schema_name! table_name! {_TAG}",
    "tables": f"""
        {_TABLE} table_type! is_insertable_into! commit_action! table_owner! comment {_CHANGES}
        data_source_format! storage_sub_directory storage_path
    """,
    "views": f"""
        {_TABLE} view_definition check_option! is_updatable! is_insertable_into! sql_path
        is_materialized
    """,
    "volume_privileges": f"{_GRANT} volume_catalog! volume_schema! volume_name! {_PRIVILEGE}",
    "volume_tags": f"catalog_name! schema_name! volume_name! {_TAG}",
    "volumes": f"""
        volume_catalog! volume_schema! volume_name! volume_type! volume_owner! comment
        storage_location {_CHANGES}
    """,
}


def _field(text: str) -> pa.Field:
    name, _, kind = text.partition(":")
    return pa.field(
        name.rstrip("!"), parse_type(kind or "string").to_arrow(), nullable=not name.endswith("!")
    )


VIEWS: Mapping[str, pa.Schema] = MappingProxyType(
    {view: pa.schema([_field(column) for column in text.split()]) for view, text in _COLUMNS.items()}
)
"""The Arrow schema of each view, by its lower-case name."""
