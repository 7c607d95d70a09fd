"""An S3 server (moto) that checks signatures, so that wrong credentials are refused as AWS does."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .process import listening

REGION = "eu-west-1"
_ALLOWED = {"Effect": "Allow", "Action": ["s3:*", "sts:*"], "Resource": "*"}
# The calls that make the user of the tests are not signed; all others have to be.
_UNSIGNED = {"INITIAL_NO_AUTH_ACTION_COUNT": "5"}


@dataclass(frozen=True)
class S3Server:
    """A running S3 server and a user that may do everything in S3.

    Attributes:
        url: the endpoint.
        access_key: the user's key id.
        secret_key: the user's key.
        region: where its buckets are.
    """

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = REGION

    def client(self, service: str = "s3") -> Any:
        """Return a boto3 client that acts as the user."""
        import boto3  # here, because it is slow, and most tests do not need it

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )

    def bucket(self) -> str:
        """Make a bucket and return its name."""
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.client().create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region}
        )
        return name

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object."""
        self.client().put_object(Bucket=bucket, Key=key, Body=content)

    def session_credentials(self) -> tuple[str, str, str]:
        """Return credentials for a while: key id, key and session token."""
        role = "arn:aws:iam::123456789012:role/reader"
        made = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]

    def endpoint(self) -> dict[str, str]:
        """Return the environment with which a program finds the server, without credentials."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": self.region}

    def env(self) -> dict[str, str]:
        """Return the environment with which a program finds the server and acts as the user."""
        return {
            **self.endpoint(),
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One S3 server that the whole session shares; make a bucket for each test."""
    program = Path(sys.executable).with_name("moto_server")
    plain = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    with listening([str(program), "-H", "127.0.0.1", "-p", "0"], plain | _UNSIGNED) as url:
        yield _with_user(url)


def _with_user(url: str) -> S3Server:
    iam = S3Server(url, "nobody", "nothing").client("iam")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [_ALLOWED]})
    iam.create_user(UserName="tester")
    iam.put_user_policy(UserName="tester", PolicyName="all", PolicyDocument=policy)
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=policy)
    iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=policy)
    key = iam.create_access_key(UserName="tester")["AccessKey"]
    return S3Server(url, key["AccessKeyId"], key["SecretAccessKey"])
