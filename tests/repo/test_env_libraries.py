"""Variables that libraries and tools of Go, Ruby, PHP, Java, Rust, shells, Make, compose and CI read."""

from __future__ import annotations

import pytest

from checks.repo.env.go import MOST, read_go
from checks.repo.env.reads import reads_in
from checks.repo.project import fits

GO_TAGS = (
    'type Config struct {\n\tDB DBConfig `envPrefix:"DB_"`\n\tPort int `env:"PORT" envDefault:"80"`\n\tKey string `env:"KEY,notEmpty"`\n'
    '\tFree string `env:"FREE" json:"free"`\n}\ntype DBConfig struct {\n\tHost string `env:"HOST,required"`\n\tPool Pool `envPrefix:"POOL_"`\n}\n'
    'type Pool struct {\n\tSize int `env:"SIZE" envDefault:"5"`\n}\n'
)
CASES = [
    # Go: prefixes of structs, envconfig without names, viper, flags.
    ("m.go", GO_TAGS, {"PORT": True, "KEY": False, "FREE": True, "DB_HOST": False, "DB_POOL_SIZE": True}),
    ("m.go", 'env.ParseWithOptions(&c, env.Options{Prefix: "APP_", RequiredIfNoDef: true})\ntype C struct {\n\tA string `env:"A"`\n'
     '\tB string `env:"B" envDefault:"x"`\n}', {"APP_A": False, "APP_B": True}),
    ("m.go", 'envconfig.Process("myapp", &c)\ntype C struct {\n\tDatabaseURL string `split_words:"true" required:"true"`\n\tPort int `default:"1"`\n'
     '\tKey string `envconfig:"API_KEY" required:"true"`\n\tOther string `json:"other"`\n}',
     {"MYAPP_DATABASE_URL": False, "MYAPP_PORT": True, "MYAPP_API_KEY": False}),
    ("m.go", 'viper.SetEnvPrefix("app")\nviper.SetDefault("port", 80)\nviper.BindEnv("port")\nviper.BindEnv("db", "DATABASE_URL", "DB")\n'
     'v.BindEnv("key")', {"APP_PORT": True, "DATABASE_URL": False, "APP_KEY": False}),
    ("m.go", 'viper.AutomaticEnv()\nviper.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))\nviper.SetDefault("b", 1)\nviper.GetString("db.url"); viper.GetInt("b")',
     {"DB_URL": False, "B": True}),
    ("m.go", 'viper.AutomaticEnv()\nviper.ReadInConfig()\nviper.GetString("key")', {"KEY": True}),
    ("m.go", '&cli.StringFlag{Name: "a", EnvVars: []string{"A"}, Required: true},\n&cli.StringFlag{Name: "b", Sources: cli.EnvVars("B")},\n'
     'app.Flag("c", "x").Envar("C").Required().String()\nos.ExpandEnv("https://$D/${E}")', {"A": False, "B": True, "C": False, "D": False, "E": False}),
    # Ruby and PHP: several names at once.
    ("a.rb", 'ENV.values_at("A", "B")\nENV.values_at(*%w[C D])\nENV.fetch_values("E")\nENV.slice("F", "G")\nDotenv.require_keys("H", "I")\n'
     'puts "ENV.values_at(NO)"', {**dict.fromkeys("ABCDEHI", False), "F": True, "G": True}),
    ("a.php", "<?php $dotenv->required(['A', 'B'])->notEmpty(); $dotenv->required('C'); $dotenv->ifPresent('D')->isInteger(); $form->required('NO'); Env::getRequired('E');",
     {"A": False, "B": False, "C": False, "D": True, "E": False}),
    # Java, Scala, Spring and Typesafe Config.
    ("A.java", 'env.getRequiredProperty("A_A"); environment.getProperty("B_B", "x"); dotenv.get("C"); dotenv.get("D", "x"); System.getProperty("NO_NO");',
     {"A_A": False, "B_B": True, "C": False, "D": True}),
    ("src/main/resources/application.conf", 'db { url = ${DB_URL} // ${NO}\n  user = "x"\n  user = ${?DB_USER}\n  path = ${some.path}\n}', {"DB_URL": False, "DB_USER": True}),
    # Rust: clap's switches and builder, envconfig, dotenv's macro.
    ("a.rs", 'struct A {\n  #[arg(long, env = "A")]\n  a: bool,\n  #[arg(env = "B")]\n  b: Vec<String>,\n  #[arg(env = "C")]\n  c: String,\n}\n'
     '#[derive(Envconfig)]\nstruct Z {\n  #[envconfig(from = "H")]\n  h: String,\n  #[envconfig(from = "I", default = "x")]\n  i: String,\n'
     '  #[envconfig(from = "J")]\n  j: Option<String>,\n}\nArg::new("k").long("k").env("K").required(true);\nArg::new("l").env("L");\n',
     {"A": True, "B": True, "C": False, "H": False, "I": True, "J": True, "K": False, "L": True}),
    ("a.rs", 'let m = env::var("M").as_deref().unwrap_or("x"); let n = dotenvy_macro::dotenv!("N"); Command::new("x").env("NO", v);', {"M": True, "N": False}),
    # Shells: what ends the script where it is not set, in every way to write it.
    ("run.sh", '[ -n "$A" ] || exit 1\ntest -n "$B" || { echo no; exit 1; }\nif ! [ -n "$C" ]; then\n  exit 2\nfi\n[[ -z "${D:-}" ]] && die "no D"\n'
     '[ -n "$E" ] && run $E\n[[ -n $F ]] || echo "no F"\n', {"A": False, "B": False, "C": False, "D": False, "E": True, "F": True}),
    ("run.sh", 'url="${A:-$B}"\nport=${C:-${D:-80}}\necho "$E"\n', {"A": True, "B": True, "C": True, "D": True, "E": False}),
    ("compose.yml", "services:\n  a:\n    image: x\n    environment:\n      A: ${A:-${B}}\n      C: ${C:?no}\n", {"A": True, "B": True, "C": False}),
    # CI and Make.
    (".gitlab-ci.yml", "x:\n  variables: {OWN: x}\n  script: [\"deploy ${HOST_X:-a} $KEY_X $OWN\"]\n", {"HOST_X": True, "KEY_X": False}),
    (".github/workflows/a.yml", "jobs:\n  x:\n    steps:\n      - if: vars.ON_A == 'x'\n        run: y\n", {"ON_A": True}),
    ("Makefile", "APP ?= x\n# $$NO\nifndef TOKEN\n$(error TOKEN is not set)\nendif\nREGION := $(or $(REGION_X),$(error no region))\ndeploy:\n"
     "\tcurl -H \"x: $$API_TOKEN\" $(APP) $@\n\tV=1; echo $$V $${HOME_X}\n", {"TOKEN": True, "REGION_X": True, "API_TOKEN": True, "HOME_X": True}),
    ("serverless.yml", "provider:\n  environment:\n    A: ${env:A}\n    B: ${env:B, 'x'}\n    C: ${ssm:/x}\n", {"A": False, "B": True}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), CASES)
def test_what_libraries_and_tools_read(path: str, text: str, expected: dict[str, bool]) -> None:
    found: dict[str, bool] = {}
    for item in reads_in(path, text, fits):
        found[item.name] = found.get(item.name, True) and item.optional
    assert found == expected


def test_structs_that_hold_each_other_have_a_bounded_number_of_names() -> None:
    held = "\n".join(f'\tF{number} *Node `envPrefix:"P{number}_"`' for number in range(40))
    code = f'type Node struct {{\n{held}\n\tKey string `env:"KEY"`\n}}\n'
    names = [name for name, _, _ in read_go(code)]
    assert 0 < len(names) <= MOST
    assert all(name.endswith("_KEY") for name in names)
