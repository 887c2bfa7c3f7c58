"""The words that people write in files: names of columns, codes, true and false, in any language.

A program writes ``case_id`` and ``delivered``; a person's spreadsheet has “Número do Caso” and
“Recebido”. Both are read. Words are compared as ``folded`` gives them: without accents and capital
letters. All labels of the page's own downloads are here, in its three languages.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: By column and code of the contract: the words that stand for it, folded. ``sources.loading``
#: reads them; the codes themselves are among them.
CODE_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "direction": {
            "out": (
                *("out", "outbound", "outgoing", "sent", "enviada", "enviado", "saida", "salida"),
                *("enviadas", "enviados"),
            ),
            "in": (
                *("in", "inbound", "incoming", "received", "received from customer"),
                *("recebida", "recebida do cliente", "recebido", "recebidas", "entrada"),
                *("recibido", "recibida", "recibido del cliente", "entrante"),
            ),
        },
        "status": {
            "new": (
                *("new", "queued", "pending", "waiting", "novo", "nova", "pendente", "aguardando"),
                *("nuevo", "nueva", "pendiente", "en espera"),
            ),
            "sent": ("sent", "enviado", "enviada"),
            "delivered": (
                *("delivered", "recebido", "recebida", "entregue"),
                *("recibido", "recibida", "entregado", "entregada"),
            ),
            "read": (
                *("read", "handled", "lido", "lida", "tratada", "tratado"),
                *("leido", "leida"),
            ),
            "failed": ("failed", "falhou", "falha", "fallo", "fallido", "fallida"),
            "unknown": (
                *("unknown", "no confirmation", "sem confirmacao", "desconhecido"),
                *("sin confirmacion", "desconocido"),
            ),
        },
        "kind": {
            "hsm": ("hsm",),
            "session": ("session", "wapp", "sessao", "sesion"),
        },
    }
)
#: The words for true and false, folded.
FLAG_WORDS: Final[Mapping[bool, tuple[str, ...]]] = MappingProxyType(
    {
        True: ("true", "t", "1", "yes", "verdadeiro", "sim", "verdadero", "si"),
        False: ("false", "f", "0", "no", "falso", "nao"),
    }
)
#: By column of the contract: what people call it, as ``joined`` writes it. The contract's own name
#: is read in any spelling, so it is not listed. An earlier name is preferred.
COLUMN_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "account": ("conta", "cuenta"),
        "case_id": (
            *("iddocaso", "idcaso", "iddelcaso", "codigodocaso"),
            # A file for people has numbers and no ids: then the number identifies the case.
            *("casenumber", "numerodocaso", "numerodelcaso", "numerocaso", "ndocaso"),
            *("caso", "case", "protocolo", "ticket", "chamado"),
        ),
        "case_number": ("numerodocaso", "numerodelcaso", "numerocaso", "ndocaso", "protocolo"),
        "person_name": (
            *("solicitante", "requester", "nomedosolicitante", "nombredelsolicitante"),
            *("nomedocliente", "nombredelcliente", "cliente", "customer", "nome", "nombre"),
        ),
        "channel": ("canal",),
        "case_type": ("tipodecaso", "tipodocaso", "tipodelcaso", "tipo", "type"),
        "team": ("equipe", "equipo"),
        "opened_at": (
            *("datadeabertura", "abertura", "abertoem", "fechadeapertura", "apertura"),
            *("datadecriacao", "fechadecreacion", "creationdate", "criadoem", "createdat"),
        ),
        "closed_at": (
            *("datadeencerramento", "encerramento", "encerradoem", "datadefechamento"),
            *("fechadecierre", "cierre", "closingdate"),
        ),
        "message_id": ("iddamensagem", "idmensagem", "iddelmensaje", "idmensaje"),
        "direction": ("origem", "direcao", "origen", "direccion", "origin"),
        "status": ("situacao", "estado"),
        "kind": ("hsmwapp", "tipodemensagem", "tipodamensagem", "tipodemensaje"),
        "template_name": (
            *("templateusado", "templateused", "template", "nomedotemplate", "modelo"),
            *("plantillausada", "plantilla"),
        ),
        "template_category": ("categoriadotemplate", "categoriadelaplantilla"),
        "business_number": ("numerodaempresa", "numerodelaempresa"),
        "phone": ("telefone", "telefono", "celular"),
        "body": ("texto", "mensagem", "mensaje", "text", "message", "conteudo", "contenido"),
        "sent_at": (
            *("datadamensagem", "messagedate", "fechadelmensaje", "datadeenvio", "enviadoem"),
            *("fechadeenvio", "datahora", "data", "fecha", "date"),
        ),
        "agent": ("agente", "atendente", "operador"),
        "is_bot": ("bot", "robo", "ebot", "esbot"),
        "error_code": ("codigodoerro", "codigodelerror"),
        "error_title": ("titulodoerro", "erro", "titulodelerror", "error"),
        "billable": ("cobravel", "faturavel", "facturable"),
        "pricing_category": ("categoriadepreco", "categoriadecobranca", "categoriadeprecio"),
        "occurred_at": ("ocorridoem", "ocurridoen"),
    }
)


def folded(text: str) -> str:
    """Return ``text`` without accents, capital letters and white space around it."""
    parts = unicodedata.normalize("NFD", text.strip().lower())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def joined(text: str) -> str:
    """Return the letters and digits of ``text``, folded: “numerodocaso” for “Número do Caso”."""
    return "".join(sign for sign in folded(text) if sign.isalnum())


def code_of(column: str, word: str) -> str | None:
    """Return the code of the contract's ``column`` that ``word`` stands for; None if for none."""
    return _CODES.get(column, {}).get(folded(word))


_CODES: Final = {
    column: {word: code for code, words in codes.items() for word in words}
    for column, codes in CODE_WORDS.items()
}
