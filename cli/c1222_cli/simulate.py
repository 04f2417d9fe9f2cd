"""The command `c1222 simulate`: the simulated meter, served to any program that speaks to meters."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.keys import key_options, read_ring
from c1222_cli.places import ANYWHERE, PTY, Place, logs_told, opens, place_of
from c1222_cli.talk import is_quiet, is_verbose, say, verbosity_options

if TYPE_CHECKING:
    from c1222.meter.simulated import SimulatedMeter
    from c1222.transport.listener import Accept

DEFAULT = Place("tcp", "127.0.0.1", 1153)
NOTICE = "simulated meter: nothing is measured here; Ctrl-C stops it"

EPILOG = """
One line on standard output for each listener, as a target, once all of them listen; port 0 takes any that is free.
All connections talk to the same meter. It ends well with Ctrl-C or SIGTERM: exit code 0.

\b
PLACE is one of
  tcp://HOST:PORT        C12.22 over TCP (port 1153 where none is given)
  udp://HOST:PORT        C12.22 over UDP
  pty                    C12.18 at a new pseudo-terminal, for programs that open a serial port
  c1218+tcp://HOST:PORT  C12.18 over TCP;  c1221+tcp://HOST:PORT  C12.21

\b
Exit codes: 0 stopped; 2 an option or a file that cannot work; 6 a port that
cannot be had.

\b
Examples:
  c1222 simulate --listen tcp://127.0.0.1:1153 --listen udp://127.0.0.1:1153
  c1222 simulate --listen pty --clock now
  c1222 simulate --min-security encrypt --busy 3
  c1222 simulate --image meter.json
"""


@click.command(epilog=EPILOG)
@click.option(
    "--listen",
    "places",
    metavar="PLACE",
    multiple=True,
    type=place_of("tcp", "udp", PTY, "c1218+tcp", "c1221+tcp"),
    help="Where to listen, see below. Repeatable.  [default: tcp://127.0.0.1:1153]",
)
@click.option(
    "--seed", metavar="N", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Which meter."
)
@click.option(
    "--clock", metavar="TIME", default="2026-01-01T00:00:00Z", show_default=True,
    help="The meter's time when it is first talked to; `now` is this computer's.",
)  # fmt: skip
@click.option(
    "--image", metavar="FILE", type=click.Path(path_type=Path),
    help="Serve the tables of a file that c1222 dump wrote, as they are.",
)  # fmt: skip
@key_options
@click.option(
    "--min-security", type=click.Choice(("clear", "auth", "encrypt")), default="clear", show_default=True,
    help="C12.22 messages with less are not answered.",
)  # fmt: skip
@click.option(
    "--busy", metavar="N", type=click.IntRange(0), default=0, help="Answer the first N services on tables bsy."
)
@click.option("--not-ready", metavar="N", type=click.IntRange(0), default=0, help="Answer the first N reads dnr.")
@click.option(
    "--delay", metavar="SECONDS", type=click.FloatRange(0, 3600), default=0.0, help="Wait before each answer."
)
@click.option("--refuse-negotiate", is_flag=True, help="Answer Negotiate sns (C12.18, C12.21).")
@click.option("--packet-size", metavar="OCTETS", type=click.IntRange(32, 8192), help="Largest packet that is granted.")
@click.option("--packets", metavar="N", type=click.IntRange(1, 255), help="Most packets of a message that are granted.")
@click.option(
    "--max-message", metavar="OCTETS", type=click.IntRange(64, 65536), help="Largest C12.22 message, both ways."
)
@verbosity_options
@click.pass_context
def simulate(ctx: click.Context, /, places: tuple[Place, ...], **options: Any) -> None:
    """Serve the simulated meter to any program.

    It measures a made-up load and answers as a meter does: C12.18 with what is negotiated, C12.22 in the clear,
    authenticated and enciphered. Its users, passwords and keys are public and are shown when it starts. With --image
    it has the tables of another meter; they stay as they are, and nothing is measured.
    """
    places = places or (DEFAULT,)
    meter = _meter(options)

    from c1222.transport.serving import Serving

    def started(labels: Sequence[str]) -> None:
        shown = [place.shown(label) for place, label in zip(places, labels, strict=True)]
        for target in shown:
            click.echo(target)
        say(NOTICE)
        if not is_quiet(ctx):
            for line in _how_to_reach(places, shown, options):
                say(line)

    with logs_told(verbose=is_verbose(ctx)):
        Serving(opens(places, lambda place: _accept(meter, place))).run(started)
    if not is_quiet(ctx):
        say("stopped")


def _meter(options: dict[str, Any]) -> "SimulatedMeter":
    """The meter that the options describe. Raises UsageError, TargetError."""
    from datetime import UTC, datetime

    from c1222.connection.options import MODES
    from c1222.meter.device.device_settings import DeviceSettings, Faults
    from c1222.meter.image.image import StaticImage
    from c1222.meter.ports.node import NodeSettings
    from c1222.meter.simulated import SimulatedMeter
    from c1222.settings.dump_files import read_dump

    wanted = {"packet_size": options["packet_size"], "nbr_packets": options["packets"]}
    wanted["max_message"] = options["max_message"]
    settings = DeviceSettings(**{name: value for name, value in wanted.items() if value is not None})
    faults = Faults(options["busy"], options["not_ready"], options["refuse_negotiate"], options["delay"])
    keys = options["keys"] or options["key_files"]
    clock = datetime.now(UTC).isoformat() if options["clock"] == "now" else options["clock"]
    try:
        return SimulatedMeter(
            options["seed"],
            clock,
            StaticImage(read_dump(options["image"]).tables) if options["image"] else None,
            keys=read_ring(options["keys"], options["key_files"]) if keys else None,
            settings=settings,
            faults=faults,
            network=NodeSettings(minimum_mode=MODES[options["min_security"]]),
        )
    except ValueError as exc:
        if type(exc) is not ValueError:
            raise
        raise click.UsageError(f"--clock: {exc}") from exc


def _accept(meter: "SimulatedMeter", place: Place) -> "Accept":
    """Makes the sides that answer at a place."""
    from dataclasses import replace

    from c1222.link import C1218, C1221
    from c1222.meter.device.visitor import Standard

    if place.scheme in ("tcp", "udp"):
        return lambda _peer: meter.network(datagram=place.scheme == "udp")
    standard, settings = (Standard.C1221, C1221) if place.scheme == "c1221+tcp" else (Standard.C1218, C1218)
    # Neither a network nor a pseudo-terminal has a speed.
    settings = replace(settings, baud=None)
    return lambda _peer: meter.optical(settings, standard=standard)


def _how_to_reach(places: tuple[Place, ...], shown: list[str], options: dict[str, Any]) -> list[str]:
    """What a person has to know to talk to it."""
    from c1222.meter.device.access import ENGINEER, PUBLIC_KEYS, READER
    from c1222.meter.device.device import DEVICE_TITLE

    lines, secured, key = [], "", ""
    if options["min_security"] != "clear":
        secured, key = f"&security={options['min_security']}&key-id=0", " --key 0=env:NAME"
    for place, target in zip(places, shown, strict=True):
        for anywhere, here in ANYWHERE.items():
            host = f"[{anywhere}]" if ":" in anywhere else anywhere
            target = target.replace(f"://{host}:", f"://[{here}]:" if ":" in here else f"://{here}:", 1)
        if place.scheme in ("tcp", "udp"):
            lines.append(f"  c1222 read '{target}?called={DEVICE_TITLE.text}{secured}' 1{key}")
        else:
            lines.append(f"  c1222 read {target.replace('pty:', 'serial:', 1)} 1")
    for user, may in ((READER, "reads more than everybody"), (ENGINEER, "writes, too")):
        lines.append(f"  user {user.name}, user id {user.user_id}, password {user.password.decode()}: {may}")
    if not (options["keys"] or options["key_files"]):
        lines += [f"  key id {key_id}: {octets.hex()}, known to everybody" for key_id, octets in PUBLIC_KEYS.items()]
    if places == (DEFAULT,):
        lines.append("  also to be had: --listen udp://127.0.0.1:1153, pty, c1218+tcp://127.0.0.1:1154")
    return lines
