"""Names of columns in German, Spanish and French, in schemas that nobody here has seen anywhere."""

from typing import Any

import pytest
import yaml

from canonical_model.entities import ENTITIES
from connectors.drafting import guessed, mapping_text
from connectors.drafting.languages import folded, language_of, languages, meant_by
from connectors.drafting.phrases import FIELD_PHRASES
from connectors.drafting.value_maps import guessed_map
from connectors.drafting.words import words_of
from connectors.mapping.targets import target_fields
from connectors.probing import Description, FoundField

MARKET = {"altstadt": "Altstadt"}


def _without_thousands(column: str) -> str:
    return f"REPLACE(REPLACE(REPLACE({column}, '.', ''), ' ', ''), ',', '.')"


def drafted(name: str, key: tuple[str, ...], *rows: dict[str, Any], **facts: Any) -> Any:
    found = Description(name, tuple(map(FoundField, rows[0])), key=key, samples=rows, **facts)
    return yaml.safe_load(mapping_text(guessed(found), "alt", "things", MARKET))


def fields(draft: Any, entity: str) -> Any:
    return next(record["fields"] for record in draft["records"] if record["entity"] == entity)


# Each table as its system might hold it: its name, its rows, and what a draft has to say of it.

GERMAN = {
    "VERTRÄGE": (
        [
            {
                "Vertragsnummer": f"V-{n}",
                "Kundennr": f"10{n}",
                "Tarif": ["GF250", "GF500", "GF1000"][n],
                "Vertragsbeginn": f"0{n + 1}.03.2026",
                "Vertragsende": ["", "", "31.12.2026"][n],
                "Zustand": ["aktiv", "gesperrt", "gekündigt"][n],
                "geändert_am": f"2026-03-0{n + 1}T10:00:00Z",
            }
            for n in range(3)
        ],
        "Subscription",
        {
            "subscription_id": "Vertragsnummer",
            "account_number": "Kundennr",
            "billing_code": "Tarif",
            "starts_on": "PARSE_DATE(Vertragsbeginn, '%d.%m.%Y')",
            "ends_on": "PARSE_DATE(Vertragsende, '%d.%m.%Y')",
            "state": ("Zustand", {"aktiv": "active", "gesperrt": "suspended", "gekündigt": "closed"}),
        },
    ),
    "Rechnungen": (
        [
            {
                "Rechnungsnr": f"R-{n}",
                "Kundennummer": f"10{n}",
                "Rechnungsdatum": "2026-04-01",
                "Zeitraum_von": "2026-03-01",
                "Zeitraum_bis": "2026-03-31",
                "Gesamtbetrag": "59.90",
                "Währung": "EUR",
                "Status": ["offen", "bezahlt", "teilbezahlt"][n],
            }
            for n in range(3)
        ],
        "CustomerBill",
        {
            "bill_id": "Rechnungsnr",
            "account_number": "Kundennummer",
            "billed_on": "Rechnungsdatum",
            "period_from": "Zeitraum_von",
            "period_to": "Zeitraum_bis",
            "total_minor": "Gesamtbetrag",
            "currency": '"Währung"',
            "state": ("Status", {"offen": "sent", "bezahlt": "settled", "teilbezahlt": "partiallyPaid"}),
        },
    ),
    "Rechnungspositionen": (
        [
            {
                "Kundennummer": f"10{n}",
                "Rechnungsnummer": f"R-{n}",
                "Bezeichnung": "Glasfaser",
                "Monatspreis": ["39,90", "1.049,90", "59,90"][n],
                "Nettobetrag": ["39,90", "1.049,90", "-59,90"][n],
                "Währung": "EUR",
            }
            for n in range(3)
        ],
        "ChargeLine",
        {
            "account_number": "Kundennummer",
            "bill_id": "Rechnungsnummer",
            "description": "Bezeichnung",
            "rate_minor": f"MONEY({_without_thousands('Monatspreis')}, 2)",
            "amount_minor": f"MONEY({_without_thousands('Nettobetrag')}, 2)",
            "currency": '"Währung"',
        },
    ),
    "Montagegeräte": (
        [{"Auftragsnr": f"A-{n}", "Seriennummer": f"ADTN0000000{n}", "Geräteart": "ONT"} for n in range(3)],
        "CompletionMaterial",
        {"work_order_id": "Auftragsnr", "serial": "Seriennummer", "kind": ('"Geräteart"', {"ONT": "ont"})},
    ),
}
SPANISH = {
    "CLIENTES": (
        [
            {
                "NUMERO_CLIENTE": f"C{n}",
                "NOMBRE": ["Ana Peña", "Luis Gil", "Talleres Sol"][n],
                "TIPO_CLIENTE": ["PARTICULAR", "PARTICULAR", "EMPRESA"][n],
                "TELEFONO": f"60012345{n}",
                "DIRECCION": "Calle Mayor 3",
                "LOCALIDAD": "Alcalá",
                "CODIGO_POSTAL": "28801",
                "FECHA_MODIFICACION": f"2026-03-0{n + 1}T08:00:00Z",
            }
            for n in range(3)
        ],
        "Customer",
        {
            "account_number": "NUMERO_CLIENTE",
            "name": "NOMBRE",
            "segment": ("TIPO_CLIENTE", {"PARTICULAR": "residential", "EMPRESA": "business"}),
            "phone": "TELEFONO",
            "address": "DIRECCION",
            "city": "LOCALIDAD",
            "postal_code": "CODIGO_POSTAL",
        },
    ),
    "contratos": (
        [
            {
                "id_contrato": f"K{n}",
                "numero_de_cliente": f"C{n}",
                "tarifa": ["F300", "F600", "F1000"][n],
                "fecha_de_alta": f"0{n + 1}/03/2026",
                "fecha_de_baja": ["", "", "31/12/2026"][n],
                "estado": ["Activo", "Suspendido", "Cancelado"][n],
            }
            for n in range(3)
        ],
        "Subscription",
        {
            "subscription_id": "id_contrato",
            "account_number": "numero_de_cliente",
            "billing_code": "tarifa",
            "starts_on": "PARSE_DATE(fecha_de_alta, '%d/%m/%Y')",
            "ends_on": "PARSE_DATE(fecha_de_baja, '%d/%m/%Y')",
            "state": ("estado", {"Activo": "active", "Suspendido": "suspended", "Cancelado": "closed"}),
        },
    ),
    "líneas de factura": (
        [
            {
                "número factura": f"F{n}",
                "número cliente": f"C{n}",
                "concepto": "Fibra",
                "precio": "34.95",
                "importe": "34.95",
                "moneda": "EUR",
                "desde": "2026-03-01",
                "hasta": "2026-03-31",
            }
            for n in range(3)
        ],
        "ChargeLine",
        {
            "account_number": '"número cliente"',
            "bill_id": '"número factura"',
            "description": "concepto",
            "rate_minor": "precio",
            "amount_minor": "importe",
            "currency": "moneda",
            "covers_from": "desde",
            "covers_to": "hasta",
        },
    ),
}
FRENCH = {
    "ABONNEMENTS": (
        [
            {
                "NumeroAbonnement": f"A{n}",
                "NumeroClient": f"C{n}",
                "Forfait": ["F300", "F500", "F1000"][n],
                "DateDebut": f"2026-03-0{n + 1}",
                "DateFin": ["", "", "2026-12-31"][n],
                "Etat": ["actif", "suspendu", "résilié"][n],
                "DateModification": f"2026-03-0{n + 1}T08:00:00Z",
            }
            for n in range(3)
        ],
        "Subscription",
        {
            "subscription_id": "NumeroAbonnement",
            "account_number": "NumeroClient",
            "billing_code": "Forfait",
            "starts_on": "DateDebut",
            "ends_on": "DateFin",
            "state": ("Etat", {"actif": "active", "suspendu": "suspended", "résilié": "closed"}),
        },
    ),
    "paiements": (
        [
            {
                "ref_paiement": f"P{n}",
                "n° client": f"C{n}",
                "montant": "29.99",
                "devise": "EUR",
                "reçu_le": "2026-04-02",
            }
            for n in range(3)
        ],
        "Payment",
        {
            "account_number": '"n° client"',
            "amount_minor": "montant",
            "currency": "devise",
            "received_on": '"reçu_le"',
        },
    ),
    "équipements": (
        [
            {"numéro_intervention": f"I{n}", "numéro_de_série": f"ALCL0000000{n}", "type_équipement": "ROUTER"}
            for n in range(3)
        ],
        "CompletionMaterial",
        {
            "work_order_id": '"numéro_intervention"',
            "serial": '"numéro_de_série"',
            "kind": ('"type_équipement"', {"ROUTER": "router"}),
        },
    ),
}
TABLES = [(language, name) for language in ("GERMAN", "SPANISH", "FRENCH") for name in globals()[language]]


@pytest.mark.parametrize(("language", "name"), TABLES)
def test_a_foreign_table_is_drafted_as_a_person_would_map_it(language: str, name: str) -> None:
    rows, entity, expected = globals()[language][name]
    draft = drafted(name, tuple(rows[0])[:1], *rows)
    told = fields(draft, entity)
    found = {
        target: (source["from"], source["values"]) if isinstance(source, dict) else source
        for target, source in told.items()
    }
    assert {target: found.get(target) for target in expected} == expected


def test_a_draft_says_which_language_it_took_the_names_for() -> None:
    rows: list[dict[str, Any]] = SPANISH["contratos"][0]
    found = Description("contratos", tuple(map(FoundField, rows[0])), samples=rows)
    assert "Its names are taken for Spanish." in guessed(found).found.notes


def test_english_names_are_in_no_other_language() -> None:
    for name, entity in ENTITIES.items():
        assert language_of([name, *target_fields(entity)]) is None, name
    assert language_of([phrase for told in FIELD_PHRASES.values() for phrase in told]) is None
    assert language_of(["acct_no", "start_dt", "end_dt", "amt", "tag", "plan", "total"]) is None
    assert language_of([]) is None


@pytest.mark.parametrize(
    ("language", "name", "english"),
    [
        ("german", "KUNDENNUMMER", "customer number"),
        ("german", "Rechnungs-Nr", "bill nr"),
        ("german", "rechnungsdatum", "bill date"),
        ("german", "GERAETESERIENNUMMER", "device serial number"),
        ("german", "Straße", "street"),
        ("german", "donaudampfschiff", ""),
        ("spanish", "fecha_de_inicio", "date from"),
        ("spanish", "Número de Serie", "number serial"),
        ("french", "n° de contrat", "n subscription"),
        ("french", "dateDeDébut", "date from"),
        ("french", "x", ""),
    ],
)
def test_names_are_told_in_english_as_far_as_they_are_understood(language: str, name: str, english: str) -> None:
    (known,) = [one for one in languages() if one.name == language]
    assert words_of(known.english(name)) == words_of(english)


def test_the_same_word_means_what_its_language_says() -> None:
    assert language_of(["nombre", "apellido", "fecha_de_alta"]).name == "spanish"  # type: ignore[union-attr]
    assert language_of(["nombre", "prénom", "numéro_client", "montant"]).name == "french"  # type: ignore[union-attr]


def test_letters_are_folded() -> None:
    assert [folded(each) for each in ("Straße", "número", "Geändert", "ça", "ÜBER")] == [
        "Strasse",
        "numero",
        "Geaendert",
        "ca",
        "UEBER",
    ]


def test_words_of_a_status_are_understood_in_each_language() -> None:
    assert guessed_map(["gekündigt", "AKTIV", "résilié", "actif", "Baja"], ["active", "closed"]).unclear == ()
    assert meant_by("en cours") == ("in_progress", "inProgress")
    assert meant_by("xyz") == ()


def test_every_file_says_only_what_the_model_knows() -> None:
    statuses = {
        word for entity in ENTITIES.values() for target in target_fields(entity).values() for word in target.words
    }
    assert [one.name for one in languages()] == ["french", "german", "spanish"]
    for language in languages():
        told = {meaning for meanings in language.values.values() for meaning in meanings}
        assert told <= statuses, language.name
        assert [word for word in (*language.words, *language.values) if word != folded(word).lower()] == []
