"""Named checks, counted. The last line of a script is `N passed, N failed`, and its exit code is 1 when one failed."""

import json
import os
import sys
import traceback

SANDBOX = json.loads(os.environ["SANDBOX"])
HUBSPOT = SANDBOX["hubspot"]
SALESFORCE = SANDBOX["salesforce"]
CERTIFICATE = SANDBOX["certificate"]

_counts = {"passed": 0, "failed": 0}


def check(name):
    """Runs the function below it at once, as one check: it fails by raising."""

    def run(body):
        try:
            body()
        except Exception:
            _counts["failed"] += 1
            print(f"FAILED {name}\n{traceback.format_exc()}")
        else:
            _counts["passed"] += 1
            print(f"ok     {name}")
        return body

    return run


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def refused(kind, call, *args, **kwargs):
    """The exception of this kind that a call must raise."""
    try:
        answer = call(*args, **kwargs)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected, not {answer!r}")


def done():
    print(f"{_counts['passed']} passed, {_counts['failed']} failed")
    sys.exit(1 if _counts["failed"] else 0)
