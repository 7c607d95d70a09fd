"""What the columns of TPC-H's queries are made of, read from the queries by hand.

A column is made of every column that its expression in the SELECT list mentions, followed down to the
tables; what only filters, joins, groups or sorts is no part of it.
"""

from __future__ import annotations

COLUMNS = {
    "region": "r_regionkey r_name r_comment",
    "nation": "n_nationkey n_name n_regionkey n_comment",
    "supplier": "s_suppkey s_name s_address s_nationkey s_phone s_acctbal s_comment",
    "customer": "c_custkey c_name c_address c_nationkey c_phone c_acctbal c_mktsegment c_comment",
    "part": "p_partkey p_name p_mfgr p_brand p_type p_size p_container p_retailprice p_comment",
    "partsupp": "ps_partkey ps_suppkey ps_availqty ps_supplycost ps_comment",
    "orders": (
        "o_orderkey o_custkey o_orderstatus o_totalprice o_orderdate o_orderpriority o_clerk o_shippriority "
        "o_comment"
    ),
    "lineitem": (
        "l_orderkey l_partkey l_suppkey l_linenumber l_quantity l_extendedprice l_discount l_tax "
        "l_returnflag l_linestatus l_shipdate l_commitdate l_receiptdate l_shipinstruct l_shipmode l_comment"
    ),
}
"""The columns of each table, in order."""

_TABLE_OF = {column: table for table, columns in COLUMNS.items() for column in columns.split()}
_TABLE_OF["total_revenue"] = "revenue0"

# The tables that a query reads, then its columns in order: alone when a column is one of a table's under the
# same name, otherwise with what they are made of.
_TRUTH = {
    1: (
        "lineitem",
        "l_returnflag, l_linestatus, sum_qty = l_quantity, sum_base_price = l_extendedprice, "
        "sum_disc_price = l_extendedprice l_discount, sum_charge = l_extendedprice l_discount l_tax, "
        "avg_qty = l_quantity, avg_price = l_extendedprice, avg_disc = l_discount, count_order =",
    ),
    2: (
        "part supplier partsupp nation region",
        "s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment",
    ),
    3: (
        "customer orders lineitem",
        "l_orderkey, revenue = l_extendedprice l_discount, o_orderdate, o_shippriority",
    ),
    4: ("orders lineitem", "o_orderpriority, order_count ="),
    5: (
        "customer orders lineitem supplier nation region",
        "n_name, revenue = l_extendedprice l_discount",
    ),
    6: ("lineitem", "revenue = l_extendedprice l_discount"),
    7: (
        "supplier lineitem orders customer nation",
        "supp_nation = n_name, cust_nation = n_name, l_year = l_shipdate, "
        "revenue = l_extendedprice l_discount",
    ),
    8: (
        "part supplier lineitem orders customer nation region",
        "o_year = o_orderdate, mkt_share = n_name l_extendedprice l_discount",
    ),
    9: (
        "part supplier lineitem partsupp orders nation",
        "nation = n_name, o_year = o_orderdate, "
        "sum_profit = l_extendedprice l_discount ps_supplycost l_quantity",
    ),
    10: (
        "customer orders lineitem nation",
        "c_custkey, c_name, revenue = l_extendedprice l_discount, c_acctbal, n_name, c_address, c_phone, "
        "c_comment",
    ),
    11: ("partsupp supplier nation", "ps_partkey, value = ps_supplycost ps_availqty"),
    12: (
        "orders lineitem",
        "l_shipmode, high_line_count = o_orderpriority, low_line_count = o_orderpriority",
    ),
    13: ("customer orders", "c_count = o_orderkey, custdist ="),
    14: ("lineitem part", "promo_revenue = p_type l_extendedprice l_discount"),
    15: ("supplier revenue0", "s_suppkey, s_name, s_address, s_phone, total_revenue"),
    16: ("partsupp part supplier", "p_brand, p_type, p_size, supplier_cnt = ps_suppkey"),
    17: ("lineitem part", "avg_yearly = l_extendedprice"),
    18: (
        "customer orders lineitem",
        "c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, quantity = l_quantity",
    ),
    19: ("lineitem part", "revenue = l_extendedprice l_discount"),
    20: ("supplier nation partsupp part lineitem", "s_name, s_address"),
    21: ("supplier lineitem orders nation", "s_name, numwait ="),
    22: ("customer orders", "cntrycode = c_phone, numcust =, totacctbal = c_acctbal"),
}


def tables(number: int) -> set[str]:
    """Return the tables and views that a query reads."""
    return set(_TRUTH[number][0].split())


def columns(number: int) -> dict[str, set[str]]:
    """Return the columns of a query, in order, each with what it is made of, as ``table.column``."""
    found: dict[str, set[str]] = {}
    for column in _TRUTH[number][1].split(","):
        name, equals, made_of = (part.strip() for part in column.partition("="))
        origins = made_of.split() if equals else [name]
        found[name] = {f"{_TABLE_OF[origin]}.{origin}" for origin in origins}
    return found
