"""The tables from which demonstration data is made: names, sentences and rates.

All of it is invented: no name, number or sentence belongs to a real person.
"""

from typing import Final, NamedTuple

CHANNELS: Final = (
    "WhatsApp Suporte",
    "WhatsApp Vendas",
    "WhatsApp Cobrança",
    "WhatsApp Agendamento",
    "Telefone",
)
#: Cases of this channel have no messages, so they are stored but never counted.
PHONE_CALL: Final = CHANNELS.index("Telefone")
#: How many such cases there are for each case with messages.
PHONE_CALL_SHARE: Final = 0.02

TEAMS: Final = ("Atendimento", "Suporte Técnico", "Cobrança", "Agendamento", "Vendas", "Retenção")
#: How many agents each team has.
TEAM_SIZES: Final = (10, 8, 7, 6, 5, 4)
#: How long customers of each team wait, as a factor of the usual time to answer.
TEAM_QUEUE: Final = (1.0, 1.7, 1.2, 0.7, 0.6, 1.4)


class CaseType(NamedTuple):
    """A type of cases: how frequent it is, on which channels it arrives, which teams attend it."""

    name: str
    share: float  # of the cases whose type no template decides
    channels: tuple[float, ...]  # weights of the four WhatsApp channels
    teams: tuple[float, ...]  # weights of TEAMS
    openings: tuple[str, ...]  # what a customer writes first


CASE_TYPES: Final = (
    CaseType(
        "2ª via de boleto",
        0.19,
        (2, 0, 8, 0),
        (3, 0, 7, 0, 0, 0),
        (
            "Oi, preciso da segunda via do boleto deste mês",
            "Bom dia! O boleto não chegou por aqui, podem mandar de novo?",
            "Meu boleto venceu ontem, como faço para emitir outro?",
        ),
    ),
    CaseType(
        "Agendamento",
        0.16,
        (1, 1, 0, 8),
        (1, 0, 0, 9, 0, 0),
        (
            "Olá, quero marcar um horário para esta semana",
            "Boa tarde, tem vaga na quinta de manhã?",
            "Preciso remarcar a minha visita, é possível?",
        ),
    ),
    CaseType(
        "Reclamação",
        0.12,
        (8, 1, 1, 0),
        (6, 2, 0, 0, 0, 2),
        (
            "Já é a terceira vez que falo sobre isso e ninguém resolve 😠",
            "Quero registrar uma reclamação sobre o atendimento",
            "O que foi combinado não foi cumprido, preciso de uma solução",
        ),
    ),
    CaseType(
        "Suporte técnico",
        0.11,
        (9, 0, 0, 1),
        (2, 8, 0, 0, 0, 0),
        (
            "O aparelho parou de funcionar hoje cedo",
            "Não consigo entrar no aplicativo, aparece uma mensagem de erro",
            "Oi! A conexão cai o tempo todo desde ontem",
        ),
    ),
    CaseType(
        "Negociação de débito",
        0.10,
        (1, 0, 9, 0),
        (1, 0, 9, 0, 0, 0),
        (
            "Gostaria de parcelar o valor em aberto",
            "Vocês conseguem algum desconto para pagar à vista?",
            "Recebi uma cobrança e quero entender as opções",
        ),
    ),
    CaseType(
        "Informação sobre produto",
        0.09,
        (1, 9, 0, 0),
        (2, 0, 0, 0, 8, 0),
        (
            "Olá, qual é o valor do plano completo?",
            "Esse modelo tem pronta entrega?",
            "Quais são as diferenças entre as duas opções do site?",
        ),
    ),
    CaseType(
        "Troca ou devolução",
        0.07,
        (7, 3, 0, 0),
        (8, 1, 0, 0, 1, 0),
        (
            "O produto veio com defeito, como faço a troca?",
            "Comprei o tamanho errado, dá para devolver?",
            "Preciso da etiqueta de devolução, por favor",
        ),
    ),
    CaseType(
        "Atualização cadastral",
        0.05,
        (8, 0, 2, 0),
        (9, 0, 1, 0, 0, 0),
        (
            "Mudei de endereço e quero atualizar o cadastro",
            "Preciso trocar o e-mail da minha conta",
            "Como altero o telefone de contato?",
        ),
    ),
    CaseType(
        "Acompanhamento de entrega",
        0.045,
        (6, 4, 0, 0),
        (8, 0, 0, 0, 2, 0),
        (
            "Meu pedido está atrasado, conseguem verificar?",
            "Onde está a minha encomenda? 📦",
            "O rastreio não muda há três dias",
        ),
    ),
    CaseType(
        "Cancelamento",
        0.035,
        (8, 1, 1, 0),
        (2, 0, 0, 0, 0, 8),
        (
            "Quero cancelar o meu plano",
            "Como faço para encerrar o contrato?",
            "Não pretendo continuar com o serviço no próximo mês",
        ),
    ),
    CaseType(
        "Elogio ou sugestão",
        0.02,
        (8, 2, 0, 0),
        (9, 0, 0, 0, 1, 0),
        (
            "Passando para elogiar o atendimento de ontem 👏",
            "Tenho uma sugestão para o aplicativo de vocês",
            "Fui muito bem atendido, obrigado à equipe!",
        ),
    ),
    CaseType(
        "Instalação",
        0.01,
        (4, 1, 0, 5),
        (0, 7, 0, 3, 0, 0),
        (
            "Quando o técnico vem fazer a instalação?",
            "Preciso instalar em outro cômodo, tem custo?",
            "A equipe de instalação ainda não chegou",
        ),
    ),
)


class Template(NamedTuple):
    """A message template and its rates, each between 0 and 1.

    ``TEMPLATES`` lists the templates, the most frequent first. ``{nome}`` in ``body`` is replaced
    by the customer's first name.
    """

    name: str
    category: str
    case_type: str
    delivery: float  # delivered or read ÷ sent out
    read: float  # read ÷ delivered
    answer: float  # answered ÷ delivered
    failure: float  # failed ÷ sent out
    body: str


UTILITY, MARKETING, AUTHENTICATION = "UTILITY", "MARKETING", "AUTHENTICATION"
TEMPLATES: Final = (
    Template("lembrete_vencimento_v3", UTILITY, "2ª via de boleto", 0.95, 0.78, 0.24, 0.03,
              "Olá, {nome}! Seu boleto vence em breve. Responda 1 para receber o código."),
    Template("confirmacao_agendamento", UTILITY, "Agendamento", 0.97, 0.90, 0.62, 0.02,
              "{nome}, seu horário está reservado. Podemos confirmar a sua presença?"),
    Template("aviso_debito_aberto", UTILITY, "Negociação de débito", 0.90, 0.66, 0.21, 0.07,
              "Olá, {nome}. Há um valor em aberto no seu cadastro. Vamos conversar?"),
    Template("oferta_do_mes", MARKETING, "Informação sobre produto", 0.81, 0.52, 0.08, 0.15,
              "{nome}, as ofertas do mês chegaram! 🎉 Toque para conhecer."),
    Template("codigo_verificacao", AUTHENTICATION, "Atualização cadastral", 0.98, 0.91, 0.04,
              0.01, "Seu código de verificação foi gerado. Não o compartilhe com ninguém."),
    Template("retomada_atendimento", UTILITY, "Reclamação", 0.95, 0.82, 0.48, 0.03,
              "Olá, {nome}! Temos novidades sobre o seu atendimento. Podemos continuar por aqui?"),
    Template("pedido_saiu_para_entrega", UTILITY, "Acompanhamento de entrega", 0.97, 0.88, 0.12,
              0.02, "{nome}, seu pedido saiu para entrega hoje. 🚚"),
    Template("lembrete_visita_tecnica", UTILITY, "Suporte técnico", 0.96, 0.86, 0.41, 0.02,
              "{nome}, a visita técnica está marcada para amanhã. Alguém estará no local?"),
    Template("proposta_parcelamento", UTILITY, "Negociação de débito", 0.91, 0.70, 0.33, 0.06,
              "{nome}, preparamos uma proposta de parcelamento. Quer receber os detalhes?"),
    Template("pesquisa_satisfacao", UTILITY, "Elogio ou sugestão", 0.96, 0.74, 0.36, 0.02,
              "{nome}, de 0 a 10, como você avalia o nosso atendimento?"),
    Template("boas_vindas", MARKETING, "Informação sobre produto", 0.93, 0.81, 0.29, 0.04,
              "Boas-vindas, {nome}! 😊 Este é o nosso canal oficial de atendimento."),
    Template("reagendamento_disponivel", UTILITY, "Agendamento", 0.96, 0.84, 0.47, 0.02,
              "{nome}, abriram novos horários. Quer remarcar?"),
    Template("comprovante_disponivel", UTILITY, "2ª via de boleto", 0.97, 0.72, 0.06, 0.02,
              "{nome}, o seu comprovante já está disponível."),
    Template("retorno_tecnico", UTILITY, "Suporte técnico", 0.95, 0.80, 0.44, 0.03,
              "{nome}, o problema foi resolvido? Conte para a gente."),
    Template("recupera_carrinho", MARKETING, "Informação sobre produto", 0.83, 0.49, 0.11, 0.13,
              "{nome}, você deixou itens no carrinho. Podemos ajudar a concluir?"),
    Template("autorizacao_devolucao", UTILITY, "Troca ou devolução", 0.96, 0.85, 0.27, 0.02,
              "{nome}, sua devolução foi autorizada. Veja como enviar o produto."),
    Template("cadastro_incompleto", UTILITY, "Atualização cadastral", 0.89, 0.58, 0.23, 0.08,
              "{nome}, faltam alguns dados no seu cadastro. Vamos completar?"),
    Template("campanha_aniversario", MARKETING, "Informação sobre produto", 0.86, 0.63, 0.14,
              0.10, "Feliz aniversário, {nome}! 🎂 Temos um presente para você."),
    Template("oferta_retencao", MARKETING, "Cancelamento", 0.84, 0.57, 0.19, 0.12,
              "{nome}, antes de ir, conheça uma condição especial."),
    Template("atualizacao_chamado", UTILITY, "Reclamação", 0.95, 0.79, 0.31, 0.03,
              "{nome}, seu chamado foi atualizado. Responda para falar com a equipe."),
    Template("aviso_instabilidade", UTILITY, "Suporte técnico", 0.94, 0.71, 0.09, 0.04,
              "{nome}, identificamos uma instabilidade e já estamos trabalhando nela."),
    Template("confirmacao_pagamento", UTILITY, "2ª via de boleto", 0.97, 0.76, 0.05, 0.01,
              "Recebemos o seu pagamento, {nome}. Obrigado!"),
    Template("ultimo_aviso_v1", UTILITY, "Negociação de débito", 0.71, 0.47, 0.15, 0.24,
              "{nome}, este é um lembrete sobre o seu débito em aberto."),
    Template("senha_temporaria", AUTHENTICATION, "Suporte técnico", 0.98, 0.93, 0.05, 0.01,
              "Sua senha temporária foi criada. Troque-a no primeiro acesso."),
    Template("confirmacao_cancelamento", UTILITY, "Cancelamento", 0.96, 0.83, 0.22, 0.02,
              "{nome}, confirmamos o seu pedido de cancelamento."),
    Template("instalacao_agendada", UTILITY, "Instalação", 0.97, 0.89, 0.38, 0.02,
              "{nome}, a instalação foi agendada. Até breve! 🔧"),
    Template("indique_um_amigo", MARKETING, "Elogio ou sugestão", 0.79, 0.41, 0.04, 0.17,
              "{nome}, indique um amigo e os dois ganham."),
    Template("liquidacao_relampago", MARKETING, "Informação sobre produto", 0.74, 0.44, 0.06,
              0.22, "É só hoje, {nome}! Preços especiais até meia-noite. ⚡"),
    Template("renovacao_contrato", UTILITY, "Cancelamento", 0.93, 0.69, 0.26, 0.04,
              "{nome}, seu contrato está perto do fim. Vamos renovar?"),
    Template("troca_aprovada", UTILITY, "Troca ou devolução", 0.96, 0.87, 0.30, 0.02,
              "{nome}, a sua troca foi aprovada. ✅"),
)  # fmt: skip
#: Templates by which the company writes again after the window has closed.
REOPENING: Final = ("retomada_atendimento", "atualizacao_chamado", "retorno_tecnico")
#: The template that some closed cases end with.
SURVEY: Final = "pesquisa_satisfacao"
#: The template at place n is used in proportion to 1 / n to this power.
ZIPF_EXPONENT: Final = 1.1

BOTS: Final = ("Assistente Virtual", "Robô de Avisos")
#: Invented phones begin with 90, which no operator assigns, so that nobody has such a phone.
BUSINESS_NUMBERS: Final = ("+5511900000001", "+5511900000002")
#: The business number of each channel, as a position.
BUSINESS_OF_CHANNEL: Final = (0, 1, 0, 1, 0)
#: Area codes of phones; a code that stands here several times is drawn more often.
AREA_CODES: Final = (
    *("11",) * 14, *("21",) * 7, *("31",) * 5, *("41", "51", "61", "71", "81", "85") * 3,
    "12", "13", "14", "15", "16", "17", "18", "19", "19", "22", "24", "27", "27", "28", "32", "34",
    "35", "37", "42", "43", "44", "45", "47", "47", "48", "48", "49", "53", "54", "55", "62", "62",
    "63", "64", "65", "66", "67", "68", "69", "73", "74", "75", "77", "79", "82", "83", "84", "86",
    "87", "88", "89", "91", "92", "93", "94", "95", "96", "97", "98", "99",
)  # fmt: skip

#: Codes of the Cloud API and their titles.
ERROR_TITLES: Final = {
    "130472": "User's number is part of an experiment",
    "131026": "Message undeliverable",
    "131042": "Business eligibility payment issue",
    "131047": "Re-engagement message",
    "131048": "Spam rate limit hit",
    "131049": "Message withheld to maintain healthy ecosystem engagement",
    "131050": "User has stopped receiving marketing messages",
    "131051": "Unsupported message type",
    "131053": "Media upload error",
    "131056": "Pair rate limit hit",
    "132000": "Template parameter count mismatch",
    "132001": "Template does not exist",
    "132012": "Template parameter format mismatch",
    "132015": "Template is paused",
    "135000": "Generic user error",
}
ERROR_CODES: Final = tuple(ERROR_TITLES)
WINDOW_CLOSED: Final = ERROR_CODES.index("131047")
#: How often each code occurs, as weights: in marketing templates, in others, in free texts.
MARKETING_ERRORS: Final = {"131049": 9, "131026": 7, "131050": 3, "130472": 1}
TEMPLATE_ERRORS: Final = {
    "131026": 12, "131048": 2, "132001": 2, "132000": 1, "132012": 1, "132015": 1, "131042": 2,
    "135000": 1,
}  # fmt: skip
FREE_TEXT_ERRORS: Final = {
    "131026": 6,
    "131047": 5,
    "131056": 4,
    "131053": 2,
    "131051": 1,
    "135000": 1,
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# --- names of people, combined at random ----------------------------------------------------------

FIRST_NAMES: Final = _words(
    """Adriana Aílton Alessandra Álvaro Amanda Ana André Ângela Antônio Aparecida Arthur Augusto
    Bárbara Beatriz Benício Bernardo Bianca Breno Bruna Bruno Caio Camila Carla Carlos Carolina
    Cássia Cauã Cecília César Cícero Clara Cláudia Cláudio Cristiane Daniel Daniela Débora Denise
    Diego Edson Eduarda Eduardo Elaine Élcio Eliane Enzo Érica Estêvão Fábio Fabiana Fátima Felipe
    Fernanda Fernando Flávia Flávio Francisco Gabriel Gabriela Geraldo Gérson Giovana Glória
    Guilherme Gustavo Heitor Helena Henrique Hugo Igor Inês Isabela Ísis Ivan Ivone Jaqueline
    Jéssica João Joaquim Jonas Jorge José Júlia Juliana Júlio Karina Larissa Laura Leandro Letícia
    Lívia Lorena Lúcia Luciana Lúcio Luís Luísa Luzia Manuela Marcela Márcia Márcio Marcos Maria
    Mariana Marília Mário Marta Mateus Maurício Mônica Murilo Natália Nélson Nícolas Otávio Patrícia
    Paulo Pedro Priscila Rafael Raquel Regina Renata Renato Ricardo Rita Roberto Rodrigo Rogério
    Rosângela Samuel Sandra Sebastião Sérgio Sílvia Simone Sofia Sônia Tatiana Teresa Thaís Tiago
    Valéria Vânia Vera Verônica Vicente Vinícius Vítor Viviane Wagner Yasmin"""
)
MIDDLE_NAMES: Final = _words(
    """Almeida Alves Amaral Andrade Antunes Aquino Araújo Assunção Azevedo Barbosa Barreto Barros
    Bastos Batista Borges Braga Brandão Brito Caldeira Câmara Campos Cardoso Carneiro Carvalho
    Castro Cavalcanti Chaves Coelho Conceição Cordeiro Corrêa Costa Coutinho Couto Cruz Cunha Dias
    Domingues Drummond Duarte Esteves Falcão Farias Fernandes Ferraz Ferreira Figueiredo Fonseca
    Franco Freitas Furtado Galvão Garcia Gomes Gonçalves Guimarães Leão Leite Lemos Lima
    Lopes"""
)
LAST_NAMES: Final = _words(
    """Macedo Machado Magalhães Maia Marques Martins Matos Medeiros Meireles Melo Mendes Mendonça
    Menezes Miranda Monteiro Moraes Moreira Mota Moura Muniz Nascimento Neves Nogueira Novaes Nunes
    Oliveira Pacheco Paiva Peixoto Pereira Pessoa Pimentel Pinheiro Pinto Pires Prado Queirós Ramos
    Rangel Rezende Ribeiro Rocha Rodrigues Salgado Sampaio Santana Santos Saraiva Silva Silveira
    Simões Siqueira Soares Souza Tavares Teixeira Teles Toledo Torres Valença Vargas Vasconcelos
    Vaz Viana Vieira Xavier"""
)
PEOPLE_AT_MOST: Final = len(FIRST_NAMES) * len(MIDDLE_NAMES) * len(LAST_NAMES)
#: How many places further the next person's name and phone are. The steps are primes that do not
#: divide the number of names or phones, so all of them come before any comes again.
NAME_STEP: Final = 7_368_787
PHONE_STEP: Final = 4_999_999
#: How many phones an area has.
PHONES: Final = 9_999_000
AGENTS: Final = tuple(
    f"{FIRST_NAMES[(3 * i + 1) % len(FIRST_NAMES)]} {LAST_NAMES[(7 * i + 5) % len(LAST_NAMES)]}"
    for i in range(sum(TEAM_SIZES))
)

# --- sentences ------------------------------------------------------------------------------------

#: What is written, by who writes it and at which place in a case.
SENTENCES: Final[dict[str, tuple[str, ...]]] = {
    "hsm": tuple(template.body for template in TEMPLATES),
    "opening": tuple(text for case_type in CASE_TYPES for text in case_type.openings),
    "answer": (
        "Oi, recebi a mensagem. Podem me explicar melhor?", "Sim, pode confirmar", "Sim 👍", "1",
        "Quero sim, obrigado", "Não vou conseguir nesse dia", "Pode mandar, por favor",
        "Quem está falando?", "Bom dia! Tenho interesse", "Já paguei esse valor na semana passada",
    ),
    "customer": (
        "Entendi", "Certo, e quanto tempo demora?", "Pode ser amanhã de manhã?", "Ok 👍",
        "Vou verificar e já respondo", "Não recebi nada no e-mail", "Qual é o valor total?",
        "Acabei de enviar o comprovante", "Ainda não funcionou", "Deu certo agora!",
        "Podem me ligar depois das 14h?", "Prefiro resolver por aqui mesmo", "Só um momento",
        "É no mesmo endereço de sempre", "Tem como parcelar em três vezes?", "Está no meu nome",
        "Não lembro o número do pedido", "Vocês atendem aos sábados?", "Sim", "Não",
        "Já tentei reiniciar e continua igual", "Meu nome é {nome}", "Aqui é {nome}",
        "A foto está boa ou precisa de outra?", "Alguém pode me ajudar? 🙏", "Perfeito, aguardo",
        "Continua aparecendo a mesma mensagem", "Consigo retirar na loja?", "E se eu pagar hoje?",
        "Pode mandar por aqui mesmo",
    ),
    "customer_end": (
        "Muito obrigado!", "Obrigada pela ajuda 😊", "Resolvido, valeu!", "Era só isso, obrigado",
        "Ótimo atendimento, parabéns 👏", "Tenha um bom dia!", "Agradeço a atenção", "Nota 10",
    ),
    "bot_greeting": (
        "Olá, {nome}! 👋 Sou o assistente virtual. Em que posso ajudar?",
        "Oi, {nome}! Recebemos a sua mensagem e já vamos direcionar o atendimento.",
        "Olá! Escolha uma opção: 1 Boleto, 2 Agendamento, 3 Suporte, 4 Outros assuntos.",
        "{nome}, nosso horário é das 8h às 20h. Você está na fila de atendimento.",
    ),
    "bot": (
        "Entendi. Estou consultando as informações, {nome}.", "Aqui está o que você pediu. ✅",
        "Não compreendi. Pode escrever de outra forma?", "Você pode pagar pelo aplicativo.",
        "Posso ajudar em algo mais, {nome}?", "Certo! Registrei o seu pedido.",
    ),
    "agent_first": (
        "Olá, {nome}! Vou cuidar do seu atendimento, tudo bem?", "Bom dia, {nome}! Como vai?",
        "Boa tarde, {nome}! Já estou verificando o seu caso.",
        "Oi, {nome}, obrigado por aguardar. Pode me contar o que houve?",
    ),
    "agent": (
        "Só um instante, {nome}, vou verificar no sistema.", "Pode me informar o número do pedido?",
        "Consegui localizar o seu cadastro.", "O prazo é de até dois dias úteis.",
        "Você pode enviar uma foto, por favor?", "{nome}, encontrei a solução para o seu caso.",
        "Vou encaminhar à equipe responsável e retorno ainda hoje.", "Já está tudo certo por aqui.",
        "Enviei o documento para o seu e-mail.", "O valor inclui os encargos do período.",
        "Temos horário na quarta às 10h ou na sexta às 15h.", "Pode tentar novamente agora?",
        "Peço desculpas pelo transtorno, {nome}.", "O pagamento foi identificado. ✅",
        "Vou abrir uma solicitação para o técnico.", "Confirmo o endereço do cadastro?",
        "Essa opção não está disponível no momento.", "Conseguimos parcelar em até seis vezes.",
        "Segue o passo a passo da configuração.", "Entendo, {nome}. Vamos resolver isso juntos.",
        "A troca pode ser feita em qualquer loja.", "Recebi o comprovante, obrigado!",
        "{nome}, ainda está por aí?", "A atualização aparece em alguns minutos.",
    ),
    "agent_end": (
        "Posso ajudar em mais alguma coisa, {nome}?", "Agradecemos o contato. Até logo! 😊",
        "Atendimento concluído. Conte sempre com a gente!", "Fico à disposição, {nome}.",
        "Vou encerrar por aqui. Qualquer dúvida, é só chamar.", "Tenha um ótimo dia, {nome}!",
    ),
}  # fmt: skip
