"""Plans for meters: work orders of reads, writes, procedures and expectations, checked whole, carried out once.

plan_file -> meters, steps -> order      a plan as written becomes an order in which nothing is left to be found out
meter_run, aio_run                       it is carried out, each meter by itself, many at a time
journal -> report                        what was done, kept as it is done; what came of it all
"""
