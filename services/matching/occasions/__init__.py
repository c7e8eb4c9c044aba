"""The parts that an offer is given out in: a stock, a period, a time of the timetable, a date."""
