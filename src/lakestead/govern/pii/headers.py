"""What the name of a column says of its values, in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

STRONG, WEAK = 0.85, 0.45
"""How sure a name makes by itself: one that means nothing else,"
        " and one that may well mean something else."""

# Words of names, English first, then German, French, Spanish, Italian, Portuguese, Dutch. All must be in the
# name; of several alternatives the first that is decides.
_STRONG = {
    "email": "email, e mail, mail address, mailadresse, courriel, correo, posta elettronica",
    "phone": "phone, telephone, mobile, cellphone, msisdn, fax, telefon, telefonnummer, handy,"
        " handynummer, mobil,"
    " mobilnummer, rufnummer, tel, telefono, movil, cellulare, telefone, celular, telemovel,"
        " telefoon, mobiel",
    "credit_card": "credit card, card number, card no, cardnumber, ccnumber, cc number, cc num, pan number,"
    " kreditkarte, kartennummer, carte bancaire, numero carte, tarjeta, carta di credito,"
        " cartao, creditcard",
    "iban": "iban",
    "bic": "bic, swift, swift code",
    "bank_account": "account number, bank account, routing number, kontonummer, bankverbindung,"
    " numero compte, cuenta bancaria, conto corrente, conta bancaria, rekeningnummer",
    "ip_address": "ip, ip address, ipv4, ipv6, client ip, remote addr, ip adresse, adresse ip",
    "mac_address": "mac address, mac adresse",
    "imei": "imei",
    "us_ssn": "ssn, social security, social security number",
    "us_itin": "itin",
    "uk_nino": "nino, national insurance, national insurance number",
    "uk_nhs": "nhs, nhs number",
    "de_tax_id": "steuer id, steuerid, steueridentifikationsnummer, idnr, tax id",
    "fr_nir": "nir, numero securite sociale, securite sociale",
    "es_dni": "dni, nie, nif",
    "it_fiscal_code": "codice fiscale, fiscal code, codicefiscale",
    "nl_bsn": "bsn, burgerservicenummer",
    "be_national_number": "rijksregisternummer, registre national",
    "pl_pesel": "pesel",
    "pt_nif": "nif, contribuinte",
    "ch_ahv": "ahv, avs, ahvnummer",
    "se_personal_number": "personnummer",
    "dk_cpr": "cpr",
    "no_birth_number": "fodselsnummer",
    "fi_personal_code": "hetu, henkilotunnus",
    "br_cpf": "cpf",
    "ca_sin": "sin, social insurance",
    "au_tfn": "tfn, tax file number",
    "in_aadhaar": "aadhaar, aadhar",
    "vehicle_number": "vin, vehicle identification",
    "secret": "api key, apikey, secret, access key, private key, access token, auth token, client secret",
    "coordinates": "latitude, longitude, geolocation, gps, lat, lon, lng, breitengrad,"
        " laengengrad, latitud, longitud",
    "person_name": "first name, last name, full name, given name, family name, surname,"
        " middle name, maiden name,"
    " firstname, lastname, fullname, fname, lname, forename, contact name, customer name, employee name,"
    " patient name, cardholder, account holder, vorname, nachname, familienname, geburtsname, kundenname,"
    " ansprechpartner, prenom, nom famille, nom complet, apellido, apellidos, nombre completo,"
        " cognome, sobrenome,"
    " nome completo, voornaam, achternaam, imie, nazwisko",
    "date_of_birth": "dob, date of birth, birth date, birthdate, birthday, birth day, born,"
        " born on, year of birth,"
    " birth year, geburtsdatum, geburtstag, geburtsjahr, geb dat, date naissance, naissance,"
        " fecha nacimiento, nacimiento,"
    " data nascita, nascita, data nascimento, nascimento, geboortedatum, data urodzenia",
    "address": "address line, street, street address, home address, postal address,"
        " mailing address, shipping address,"
    " billing address, address1, address2, strasse, strase, anschrift, wohnort, hausnummer, rue,"
        " domicile, calle,"
    " direccion, domicilio, indirizzo, via, endereco, morada, rua, straat, adres",
    "postal_code": "zip, zip code, zipcode, postcode, postal code, plz, postleitzahl,"
        " code postal, codigo postal, cap,"
    " cep",
    "passport": "passport, passport number, reisepass, passnummer, passeport, pasaporte,"
        " passaporto, passaporte, paspoort",
    "driving_licence": "drivers license, driver license, driving licence, driving license,"
        " fuehrerschein, permis conduire,"
    " licencia conducir, patente guida, rijbewijs",
    "national_id": "national id, identity number, identity card, id card, personalausweis,"
        " ausweisnummer, carte identite,"
    " cedula, carta identita, documento identidade",
    "user_name": "username, user name, login, login name, screen name, benutzername,"
        " identifiant, usuario, nome utente",
    "password": "password, passwd, pwd, password hash, passwort, kennwort, mot de passe,"
        " contrasena, senha, wachtwoord",
    "gender": "gender, sex, geschlecht, sexe, genero, sesso, sexo, geslacht",
    "health": "diagnosis, icd10, icd code, medical condition, blood type, blood group,"
        " allergies, medication,"
    " diagnose, blutgruppe, diagnostic, diagnostico, diagnosi",
    "religion": "religion, religious, konfession",
    "ethnicity": "ethnicity, race, ethnic origin",
    "salary": "salary, income, wage, gehalt, lohn, einkommen, salaire, salario, stipendio, salaris",
}  # fmt: skip
_WEAK = {
    "person_name": "name, nom, nombre, nome, naam, contact, owner, author, customer, employee,"
    " patient, holder",
    "address": "address, adresse, addr, location",
    "phone": "contact number, contact no, number, nummer, numero",
    "email": "mail, contact",
    "user_name": "user, nick, handle",
    "date_of_birth": "birth, geboren",
    "credit_card": "card, karte, pan",
    "postal_code": "post",
    "ip_address": "host, addr",
    "national_id": "id number, personal number",
    "secret": "token, key",
    "us_ssn": "social, tax number",
}
# With these in it, a name speaks of something else: when an e-mail was sent, whether it was confirmed.
_OTHER = frozenset(
    words
    for line in (
        "sent opened clicked verified confirmed count counts total num flag is has enabled status type kind",
        "category template subject opt optin consent valid length at time timestamp created updated provider",
        "domain product item file table column schema event model brand species color",
    )
    for words in line.split()
)
_PEOPLE = re.compile(
    r"customer|client|user|person|people|patient|employee|staff|member|contact|subscriber|student|guest|passenger"
    r"|account|applicant|candidate|kunde|mitarbeiter|personal|benutzer|patienten|utilisateur|employe|cliente|usuario"
    r"|empleado|utente|dipendente|klant|gebruiker|medewerker|crm|payroll|hr_|lead"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Header:
    """What a name says: kinds, and how sure it makes of each by itself, 0 to 1."""

    kinds: Mapping[str, float]


@lru_cache(maxsize=65536)
def header(column: str, table: str = "", comment: str = "") -> Header:
    """Return what a column's name says.

    Args:
        column: its name; what lies inside it behind a dot.
        table: the table's name, which makes `name` the name of a person in one of customers.
        comment: the column's comment, which counts as a weak hint.
    """
    words = words_of(column)
    weak = STRONG - 0.15 if _PEOPLE.search(table.lower()) else WEAK
    found: dict[str, float] = {}
    for phrases, sure in zip(_PHRASES, (STRONG, weak), strict=True):
        for kind, alternatives in phrases.items():
            if any(_has(words, phrase) and not _OTHER & set(words) - set(phrase) for phrase in alternatives):
                found.setdefault(kind, sure)
    said = words_of(comment)
    for kind, alternatives in _PHRASES[0].items():
        if any(len("".join(phrase)) > 3 and _has(said, phrase) for phrase in alternatives):
            found.setdefault(kind, WEAK)
    return Header(MappingProxyType(found))


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in snake_case, camelCase or with blanks, in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(word.lower() for word in _WORD.findall(plain))


def _has(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Return whether words have a phrase's in a row, or written as one."""
    size = len(phrase)
    if any(words[start : start + size] == phrase for start in range(len(words) - size + 1)):
        return True
    return size > 1 and "".join(phrase) in words


def _read(kinds: Mapping[str, str]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return MappingProxyType(
        {kind: tuple(words_of(phrase) for phrase in text.split(",")) for kind, text in kinds.items()}
    )


_PHRASES = (_read(_STRONG), _read(_WEAK))
