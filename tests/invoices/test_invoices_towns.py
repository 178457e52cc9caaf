"""The town of the buyer, by which an owner tells two clients of one name apart."""

import pytest

from mailbot.invoices.blocks import town_of
from mailbot.invoices.read import read_document
from mailbot.model import InvoiceDocument

CII = """<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
 <rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement><ram:BuyerTradeParty><ram:Name>Dupont</ram:Name>
 <ram:PostalTradeAddress><ram:PostcodeCode>69002</ram:PostcodeCode><ram:CityName>Lyon</ram:CityName>
 </ram:PostalTradeAddress></ram:BuyerTradeParty></ram:ApplicableHeaderTradeAgreement></rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""
UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>Dupont</cbc:Name></cac:PartyName>
 <cac:PostalAddress><cbc:CityName>Lyon</cbc:CityName></cac:PostalAddress></cac:Party></cac:AccountingCustomerParty>
</Invoice>"""


@pytest.mark.parametrize(
    ("line", "town"),
    [("69002 LYON", "Lyon"), ("F-42000 Saint-Étienne", "Saint-Étienne"), ("75008 PARIS CEDEX 08", "Paris"),
     ("DE 40235 DUESSELDORF", "Duesseldorf"), ("1012 AB Amsterdam", "Amsterdam"), ("20121 Milano (MI)", "Milano"),
     ("12 rue de Lyon", None), ("Tél. 04 78 00 00 00", None), ("Dupont SARL", None)],
)  # fmt: skip
def test_the_town_stands_behind_the_postcode(line: str, town: str | None) -> None:
    assert town_of(line) == town


@pytest.mark.parametrize("document", [CII, UBL], ids=["cii", "ubl"])
def test_an_invoice_as_data_says_the_town(document: str) -> None:
    found = read_document(document.encode(), "invoice.xml")

    assert isinstance(found, InvoiceDocument)
    assert found.buyer.town == "Lyon"
