"""What is wrong with a plan is found before anything is sent: all of it, with its place and what may be meant."""

import pytest
from orders import meter, order, plan

from c1222.errors import TargetError
from c1222.scripts.order import read_order
from c1222.scripts.problems import PlanError
from c1222.settings.config import Config, read_config

READ = "[[step]]\nread = 1\n"


def problems(folder, text, **more):
    with pytest.raises(PlanError) as info:
        order(folder, text, **more)
    return info.value.problems


def step(text):
    return meter() + "[[step]]\n" + text


BAD_STEPS = [
    #            the step                                                          what is said
    pytest.param('write = "6.owner_nam"\nto = "x"', "did you mean owner_name", id="field"),
    pytest.param('write = 6\nset = { ownername = "x" }', "did you mean owner_name", id="field-in-set"),
    pytest.param('write = "6.owner_name"\nto = "ABCDEFGHIJKLMNOPQRSTU"', "21 octets, 20 are there", id="too-long"),
    pytest.param('write = "3.ed_mode.metering_flag"\nto = "maybe"', "true or false is wanted", id="no-flag"),
    pytest.param('write = "1.fw_version_number"\nto = 256', "0 to 255 fits", id="too-large"),
    pytest.param("read = 999", "no public source knows a standard table 999", id="table"),
    pytest.param('read = "identification"', "is not a table", id="no-table"),
    pytest.param("read = 42", "holds passwords or keys", id="secret-table"),
    pytest.param("read = []", "read wants tables", id="nothing-to-read"),
    pytest.param('write = 42\nhex = "00"', "holds passwords or keys", id="write-secrets"),
    pytest.param('write = 7\nhex = "00"', "starts a procedure", id="table-7"),
    pytest.param('write = "PT-6"\nhex = "00"', "pending", id="pending"),
    pytest.param('write = 6\nto = "x"', 'write = "6.owner_name"', id="to-without-field"),
    pytest.param('write = "6.owner_name"', "one of: to", id="nothing-to-write"),
    pytest.param('write = 6\nhex = "0g"', "pairs of hex digits", id="hex"),
    pytest.param('write = 6\nhex = "00"\noffset = -1', "0 or more", id="offset"),
    pytest.param('write = "6.owner_name"\nto = "x"\nignore = ["nothing"]', "no field 'nothing'", id="ignore"),
    pytest.param('write = "MT-5.x"\nto = "x"', "written as octets", id="maker-field"),
    pytest.param('procedure = "set-datetime"', "did you mean set-date-time", id="procedure"),
    pytest.param("procedure = 9", "needs action_flag", id="parameter-missing"),
    pytest.param('procedure = 9\nwith = { action_flag = ["demand"] }', "no flag is called demand", id="flag"),
    pytest.param("procedure = 4\nwith = { list = 256 }", "0 to 255 fits", id="parameter-too-large"),
    pytest.param("procedure = 4\nwith = { lst = 1 }", "did you mean list", id="parameter"),
    pytest.param("procedure = 3\nwith = { list = 1 }", "takes no parameters", id="no-parameters"),
    pytest.param("procedure = 18", "hold a password", id="log-in"),
    pytest.param('procedure = 10\nwith = { date_time = "noon" }', 'a time is "now"', id="time"),
    pytest.param(
        'procedure = 10\nwith = { date_time = "now" }\ntimezone = "Mars"', "no zone is called 'Mars'", id="zone"
    ),
    pytest.param("expect = 1\nis = 1", "a field is wanted", id="expect-a-table"),
    pytest.param('expect = "1.manufacturer"', "expect wants one of", id="expect-nothing"),
    pytest.param('expect = "1.fw_version_number"\nis = 300', "can never be 300", id="never"),
    pytest.param('expect = "1.fw_version_number"\nbetween = [9, 1]', "is nothing", id="no-range"),
    pytest.param('expect = "1.fw_version_number"\nis = 1\nwithin = 3', "is and within", id="two-expectations"),
    pytest.param('expect = "clock"', "within so many seconds", id="clock"),
    pytest.param("wait = 0", "1 to 3600", id="wait"),
    pytest.param("wait = 5\nread = 1", "a step each", id="two-verbs"),
    pytest.param('expct = "1.manufacturer"', "did you mean expect", id="verb"),
    pytest.param('note = "nothing"', "does nothing", id="no-verb"),
    pytest.param('read = 1\non_failure = "retry"', '"stop" or "go on"', id="policy"),
    pytest.param("read = 1\nwith = 3", "no word is called with", id="word"),
]


@pytest.mark.parametrize(("text", "said"), BAD_STEPS)
def test_steps_that_cannot_be(tmp_path, text, said):
    (problem,) = problems(tmp_path, step(text))
    assert "[[step]] 1" in problem
    assert said in problem


GOOD_STEPS = [
    ("read = 1", "read ST-1"),
    ('read = ["ST-6.owner_name", "MT-17"]', "read ST-6.owner_name, MT-17"),
    ('write = "6.OWNER-NAME"\nto = "ÄÖ"', "write ST-6.owner_name"),
    ('write = "MT-5"\nhex = "01 02"\noffset = 3', "write MT-5 from offset 3 on"),
    ("procedure = 16", "procedure SP-16 Start Load Profile"),
    ('procedure = "MP-3"\nhex = "00"', "procedure MP-3 Manufacturer Procedure 3"),
    (
        'procedure = "set-date-time"\nwith = { date_time = 2026-02-01T12:00:00Z }',
        "procedure SP-10 Set Date and/or Time",
    ),
    ("procedure = 9\nwith = { action_flag = 3 }", "procedure SP-9 Remote Reset"),
    ('expect = "23.tot_data_block.summations[0]"\nbetween = [0, 5000]', "expect ST-23.tot_data_block.summations[0]"),
    ('expect = "0.std_tbls_used[23]"\nis = true', "expect ST-0.std_tbls_used[23]"),
    ('expect = "clock"\nwithin = 1.5', "expect the clock within 1.5 s"),
    ("wait = 3600", "wait 3600 s"),
]


@pytest.mark.parametrize(("text", "words"), GOOD_STEPS)
def test_steps_that_can_be(tmp_path, text, words):
    (one,) = order(tmp_path, step(text)).meters
    assert [each.words for each in one.steps] == [words]


def test_all_problems_are_told_at_once(tmp_path):
    text = '[[meter]]\ntarget = "sim:?sed=1"\n' + step("read = 999\n") + "[[step]]\nwait = 0\n"
    said = problems(tmp_path, text)
    assert len(said) == 3
    assert "did you mean seed" in said[0]


# -- Meters ------------------------------------------------------------------------------------------------------------

BAD_METERS = [
    pytest.param(meter("a") + meter("a", target="sim:?seed=2"), "has the name a, too", id="name-twice"),
    pytest.param(meter("a") + meter("b"), "the same meter twice", id="way-twice"),
    pytest.param(meter(target="tpc://host"), "kind of target", id="target"),
    pytest.param(meter(target="@house"), "no meter is called house", id="unknown-name"),
    pytest.param('[[meter]]\nname = "a"', "its target is missing", id="no-target"),
    pytest.param(meter(more='confrim = "1"'), "did you mean confirm", id="word"),
    pytest.param('[[meter]]\ntarget = "sim:"\npassword = "env:NOT_THERE"', "env:NOT_THERE is not set", id="secret"),
    pytest.param('[[meter]]\ntarget = "sim:"\npassword = "prompt"', "nobody can be asked", id="nobody"),
    pytest.param(meter(target="tcp://h?security=auth"), "there is no key 0", id="no-key"),
    pytest.param(meter(more='on_failure = "never"'), '"stop" or "go on"', id="policy"),
]


@pytest.mark.parametrize(("meters", "said"), BAD_METERS)
def test_meters_that_cannot_be(tmp_path, meters, said):
    (problem,) = problems(tmp_path, f"{meters}\n{READ}")
    assert said in problem
    assert "[[meter]]" in problem


def test_a_password_in_a_plan_is_refused_and_not_repeated(tmp_path):
    (problem,) = problems(tmp_path, '[[meter]]\ntarget = "sim:"\npassword = "hunter2"\n' + READ)
    assert "hunter2" not in problem
    assert "not a reference" in problem


def test_what_all_share_is_asked_for_once(tmp_path):
    asked = []

    def ask(what):
        asked.append(what)
        return "ENGINEER"

    text = '[meters]\npassword = "prompt"\n[[meter]]\ntarget = "sim:"\n[[meter]]\ntarget = "sim:?seed=2"\n' + READ
    found = order(tmp_path, text, ask=ask)
    assert asked == ["[meters]: password"]
    assert [each.way.who.password for each in found.meters] == [b"ENGINEER"] * 2
    assert "ENGINEER" not in repr(found)


def test_a_plan_goes_before_environment_and_configuration(tmp_path):
    (tmp_path / "c1222.toml").write_text('[meter.house]\ntarget = "sim:?seed=5"\nuser = "READER"\nuser_id = 1\n')
    environment = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none"), "C1222_USER": "FROMENV"}
    config = read_config(environ=environment, folder=tmp_path)
    text = (
        '[[meter]]\nname = "a"\ntarget = "@house"\nuser = "ENGINEER"\n[[meter]]\nname = "b"\ntarget = "sim:"\n' + READ
    )
    one, other = order(tmp_path, text, config=config).meters
    assert (one.way.who.user, one.way.who.user_id, one.way.target.options["seed"]) == ("ENGINEER", 1, 5)
    assert other.way.who.user == "FROMENV"


def test_a_shared_secret_is_looked_up_once(tmp_path):
    script = tmp_path / "secret.sh"
    script.write_text(f"echo called >> {tmp_path}/calls; echo ENGINEER\n")
    shared = f'[meters]\npassword = "cmd:sh {script}"\n'
    text = shared + '[[meter]]\ntarget = "sim:"\n[[meter]]\ntarget = "sim:?seed=2"\n' + READ
    found = order(tmp_path, text)
    assert [each.way.who.password for each in found.meters] == [b"ENGINEER"] * 2
    assert (tmp_path / "calls").read_text() == "called\n"


# -- Lists and columns -------------------------------------------------------------------------------------------------

LISTED = '[meters]\nlist = "list.csv"\nname = "{name}"\ntarget = "sim:?seed={seed}"\n'


def test_a_meter_for_each_row(tmp_path):
    (tmp_path / "list.csv").write_text('\ufeffname,seed,owner\na,1,"SMITH, J"\n\nb,2, {curly}\n')
    found = order(tmp_path, LISTED + '[[step]]\nwrite = "6.owner_name"\nto = "{owner}"\n')
    assert [each.name for each in found.meters] == ["a", "b"]
    assert [each.steps[0].values for each in found.meters] == [
        {"owner_name": "SMITH, J"},
        {"owner_name": "{curly}"},
    ]


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("name,seed\na", "1 columns where 2 have a name"),
        ("name,name\na,b", "each of them differently"),
        ("", "names the columns"),
        ('name,seed\na,"1', "list.csv, line"),
        ("name,seed\n", "is for nobody"),
    ],
)
def test_lists_that_cannot_be(tmp_path, listed, said):
    (tmp_path / "list.csv").write_text(listed)
    with pytest.raises(TargetError, match=said):
        order(tmp_path, LISTED + READ)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("{nme}", "did you mean name"),
        ("{empty}", "column empty is empty for this meter"),
        ("{", "write {{ or }}"),
        ("{{name}}{name}", None),
    ],
)
def test_columns(tmp_path, value, said):
    (tmp_path / "list.csv").write_text("name,seed,empty\na,1,\n")
    text = LISTED + f'[[step]]\nwrite = "6.owner_name"\nto = "{value}"\n'
    if said is None:
        assert order(tmp_path, text).meters[0].steps[0].values == {"owner_name": "{name}a"}
    else:
        (problem,) = problems(tmp_path, text)
        assert said in problem


def test_numbers_of_columns(tmp_path):
    (tmp_path / "list.csv").write_text("name,seed,n\na,1,7\n")
    text = LISTED + '[[step]]\nwait = "{n}"\n[[step]]\nexpect = "clock"\nwithin = "{n}"\n'
    text += '[[step]]\nprocedure = 4\nwith = { list = "{n}" }\n[[step]]\nwrite = "MT-1"\nhex = "00"\noffset = "{n}"\n'
    wait, clock, procedure, write = order(tmp_path, text).meters[0].steps
    assert (wait.seconds, clock.within, procedure.parameters, write.offset) == (7, 7.0, {"list": 7}, 7)


def test_a_value_that_does_not_fit_is_found_in_its_row(tmp_path):
    (tmp_path / "list.csv").write_text("name,seed,owner\na,1,SHORT\nb,2,A NAME THAT IS FAR TOO LONG\n")
    (problem,) = problems(tmp_path, LISTED + '[[step]]\nwrite = "6.owner_name"\nto = "{owner}"\n')
    assert "for b" in problem


# -- The file ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[step]", "not valid TOML"),
        (meter(), "does nothing"),
        (READ, "is for nobody"),
        ("[ordre]\n" + meter() + READ, "did you mean order"),
        ('[order]\ntitel = "x"\n' + meter() + READ, "did you mean title"),
        ("[order]\nstop_after = 0\n" + meter() + READ, "stop_after"),
        ("[meter]\n" + READ, "two pairs of brackets"),
        ('[meters]\nlist = "none.csv"\n' + READ, "none.csv"),
    ],
)
def test_files_that_cannot_be(tmp_path, text, said):
    with pytest.raises(TargetError, match=said):
        read_order(plan(tmp_path, text), config=Config())


def test_the_digest_tells_plans_and_meters_apart(tmp_path):
    text = LISTED + READ
    digests = set()
    for listed, more in (("a,1", ""), ("a,2", ""), ("b,1", ""), ("a,1", "# a remark\n")):
        (tmp_path / "list.csv").write_text(f"name,seed\n{listed}\n")
        digests.add(order(tmp_path, text + more).digest)
    assert len(digests) == 4


def test_policies(tmp_path):
    text = '[order]\non_failure = "go on"\n' + meter("a", 'on_failure = "stop"') + meter("b", target="sim:?seed=2")
    one, other = order(tmp_path, text + READ + '[[step]]\nread = 5\non_failure = "go on"\n').meters
    assert [each.on_failure for each in one.steps] == ["stop", "go on"]
    assert [each.on_failure for each in other.steps] == ["go on", "go on"]


def test_dangers_want_serial_numbers(tmp_path):
    text = meter("a", 'confirm = "17"') + meter("b", target="sim:?seed=2") + "[[step]]\nprocedure = 3\n"
    found = order(tmp_path, text)
    assert "registers, logs and load profile are gone" in found.dangers["procedure SP-3 Clear Data"]
    assert found.unconfirmed == ["b"]
