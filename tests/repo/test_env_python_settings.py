"""Variables that settings classes and validators of Python declare."""

from __future__ import annotations

import pytest

from checks.repo.env.reads import reads_in
from checks.repo.project import fits

PYDANTIC_2 = "from pydantic_settings import BaseSettings, SettingsConfigDict\n"
CASES = [
    (
        PYDANTIC_2 + "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_', env_nested_delimiter='__')\n"
        "    db: Db\n    key: str\n    may: Optional[int]\n    free: int | None = None\n"
        "    a: str = Field(validation_alias=AliasChoices('AA', 'BB'))\n    b: Annotated[str, Field(alias='CC')]\n"
        "    c: Annotated[str, Field(min_length=1)] = 'x'\n    d: Annotated[str, Field(default='x')]\n"
        "class Db(BaseModel):\n    host: str\n    port: int = 5\n",
        {"APP_DB__HOST": False, "APP_DB__PORT": True, "APP_KEY": False, "APP_MAY": False, "APP_FREE": True, "AA": False,
         "CC": False, "APP_C": True, "APP_D": True},
    ),
    (
        "from pydantic import BaseSettings\nclass S(BaseSettings):\n    may: Optional[int]\n    a: str = Field(env=['X1', 'X2'])\n    c: str\n"
        "    d: str\n    class Config:\n        env_prefix = 'P_'\n        fields = {'c': {'env': 'CCC'}, 'd': {'env': ['D1', 'D2']}}\n",
        {"P_MAY": True, "X1": False, "CCC": False, "D1": False},
    ),
    (
        "settings = Dynaconf(envvar_prefix='APP', validators=[Validator('A', 'B.C', must_exist=True), Validator('D', default=1),\n"
        "    Validator('E', must_exist=False)])\n",
        {"APP_A": False, "APP_B__C": False, "APP_D": True, "APP_E": True},
    ),
    ("settings = Dynaconf(envvar_prefix=False, validators=[Validator('A', required=True)])\n", {"A": False}),
    ("settings = Dynaconf(settings_files=['settings.toml'], validators=[Validator('A', must_exist=True)])\n", {"DYNACONF_A": True}),
    ("import os\ncheck = [Validator('A', must_exist=True)]\nos.environ['B']\n", {"B": False}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_settings_are_filled_from(text: str, expected: dict[str, bool]) -> None:
    assert {item.name: item.optional for item in reads_in("app/settings.py", text, fits)} == expected
