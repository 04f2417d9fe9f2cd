"""Decade 0 of the simulated meter: what it is, its identification, its state."""

from c1222.meter.image.memory import Builder, Memory, Value
from c1222.meter.image.tables.capabilities import PROCEDURES, TABLES_USED, TABLES_WRITABLE
from c1222.meter.world.events import PowerUp, moment

INT48, INT32 = 10, 8
"""NI_FORMATs: registers are INT48, demands INT32, both in thousandths of the unit."""

MAX_PARAMETERS, MAX_ANSWER = 24, 16
STANDARD_SETS, PROCEDURE_SETS = 10, 3
"""Octets of the sets of standard tables and procedures: 0 to 79, 0 to 23."""


def configuration(memory: Memory, at: int) -> Value:
    """Table 0. Formats as the recorded GE I-210+c has them; that meter, too, calls itself edition 2."""
    return {
        "format_control_1": {"data_order": memory.build.data_order, "char_format": 1},
        "format_control_2": {"tm_format": memory.build.tm_format, "data_access_method": 3},
        "format_control_3": {"ni_format1": INT48, "ni_format2": INT32},
        "device_class": b"SIM ",
        "nameplate_type": 2,
        "default_set_used": 0,
        "max_proc_parm_length": MAX_PARAMETERS,
        "max_resp_data_len": MAX_ANSWER,
        "std_version_no": 2,
        "std_revision_no": 0,
        "dim_std_tbls_used": STANDARD_SETS,
        "dim_mfg_tbls_used": 0,
        "dim_std_proc_used": PROCEDURE_SETS,
        "dim_mfg_proc_used": 0,
        "dim_mfg_status_used": 1,
        "nbr_pending": 0,
        "std_tbls_used": sorted(TABLES_USED),
        "mfg_tbls_used": [],
        "std_proc_used": sorted(PROCEDURES),
        "mfg_proc_used": [],
        "std_tbls_write": sorted(TABLES_WRITABLE),
        "mfg_tbls_write": [],
    }


def identification(memory: Memory, at: int) -> Value:
    """Table 1. The serial number is the seed."""
    return {
        "manufacturer": "SIM",
        "ed_model": "SIMULATE",
        "hw_version_number": 1,
        "hw_revision_number": 0,
        "fw_version_number": 1,
        "fw_revision_number": 0,
        "mfg_serial_number": f"{memory.world.seed % 10**16:016d}",
    }


def nameplate(memory: Memory, at: int) -> Value:
    """Table 2: a single-phase meter of 240 V, class 200. The codes are those of the recorded GE I-210+c."""
    return {
        "nameplate": {
            "e_kh": "7.2",
            "e_kt": "7.2",
            "e_input_scalar": 1,
            "e_ed_config": "2S",
            "e_elements": {"e_freq": 3, "e_no_of_elements": 1, "e_base_type": 1},
            "e_volts": {"e_elements_volts": 5},
            "e_class_max_amps": "200",
            "e_ta": "30",
        }
    }


def mode_and_status(memory: Memory, at: int) -> Value:
    """Table 3. A power failure is a condition until the conditions are cleared."""
    happened = memory.world.events(moment(memory.status_cleared), moment(at))
    modes = ("metering_flag", "test_mode_flag", "meter_shop_mode_flag")
    return {
        "ed_mode": {modes[memory.mode]: True},
        "ed_std_status1": {"power_failure_flag": any(isinstance(one, PowerUp) for one in happened)},
        "ed_std_status2": {},
        "ed_mfg_status": [],
    }


def pending(memory: Memory, at: int) -> Value:
    """Table 4: nothing waits, and nothing ever did."""
    return {
        "standard_pending": [],
        "manufacturer_pending": [],
        "last_activation_time_date": memory.build.unset(),
        "nr_of_pending_activations": 0,
        "entry_activation": [],
    }


def utility_name(memory: Memory, at: int) -> Value:
    """Table 5."""
    return {"identification": f"SIMULATED {memory.world.seed % 10**10:010d}"}


def utility_information(memory: Memory, at: int) -> Value:
    """Table 6."""
    seed = memory.world.seed
    return {
        "owner_name": "EXAMPLE UTILITY",
        "utility_div": "EXAMPLE DIVISION",
        "service_point_id": f"SP{seed % 10**8:08d}",
        "elec_addr": "FEEDER 7 PHASE A",
        "device_id": f"SIM{seed % 10**8:08d}",
        "util_ser_no": f"U{seed % 10**8:08d}",
        "customer_id": f"C{seed % 10**8:08d}",
        "coordinate_1": b"40.0000 N ",
        "coordinate_2": b"75.0000 W ",
        "coordinate_3": b"0 M       ",
        "tariff_id": "RES-TOU",
        "ex1_sw_vendor": "SIM",
        "ex1_sw_version_number": 1,
        "ex1_sw_revision_number": 0,
        "ex2_sw_vendor": "",
        "ex2_sw_version_number": 0,
        "ex2_sw_revision_number": 0,
        "programmer_name": "FACTORY",
        "misc_id": "NO REAL METER",
    }


BUILDERS: dict[int, Builder] = {
    0: configuration,
    1: identification,
    2: nameplate,
    3: mode_and_status,
    4: pending,
    5: utility_name,
    6: utility_information,
}
