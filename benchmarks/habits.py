"""How people live in a town and how its systems' clerks write: shares of what makes matching hard.

``USUAL`` is the town in which the settings were made. ``ROUGH`` has other faults, and more of those that matter: the
settings were not made there, and tell there whether they hold for more than the town they were made in.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares between 0 and 1; of households, of persons, of streets, or of records.

    Attributes:
        fathers_and_sons, twins: of households of two and more.
        family_email: of persons who use the address of the household.
        one_account: of households in which one alone is a customer.
        landline_stays: of next tenants who take over the telephone number.
        parallel_streets: of streets with another of the same name, in another direction or of another kind.
        nickname, typing_mistake, no_birth_date: of records, or of words.
        second_email: of records with another address of the person.
        phone_slip, date_slip: of records with two digits exchanged, or day and month, or another year.
        placeholder: of telephones and dates, and of addresses for mail, that stand for none.
        double_surname, middle_initial: of records that have one.
    """

    fathers_and_sons: float = 0.015
    twins: float = 0.01
    family_email: float = 0.15
    one_account: float = 0.0
    landline_stays: float = 0.0
    parallel_streets: float = 0.0
    nickname: float = 0.04
    typing_mistake: float = 0.04
    no_birth_date: float = 0.3
    second_email: float = 0.0
    phone_slip: float = 0.0
    date_slip: float = 0.0
    placeholder: float = 0.0
    double_surname: float = 0.0
    middle_initial: float = 0.0


USUAL = Habits()
ROUGH = Habits(
    fathers_and_sons=0.02,
    twins=0.01,
    family_email=0.3,
    one_account=0.5,
    landline_stays=0.15,
    parallel_streets=0.15,
    nickname=0.12,
    typing_mistake=0.05,
    no_birth_date=0.4,
    second_email=0.12,
    phone_slip=0.03,
    date_slip=0.03,
    placeholder=0.04,
    double_surname=0.02,
    middle_initial=0.25,
)
