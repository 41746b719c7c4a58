"""Texts of signing in and of what is refused, Danish and English side by side."""

ACCESS_TEXTS: dict[str, tuple[str, str]] = {
    "login.title": ("Log ind", "Sign in"),
    "login.name": ("Brugernavn", "User name"),
    "login.password": ("Adgangskode", "Password"),
    "login.button": ("Log ind", "Sign in"),
    "login.openid": ("Log ind med arbejdskonto", "Sign in with your work account"),
    "login.wrong": (
        "Brugernavn og adgangskode passer ikke sammen. Prøv igen, eller spørg den, der giver adgang.",
        "User name and password do not belong together. Try again, or ask whoever gives access.",
    ),
    "login.out": ("Log ud", "Sign out"),
    "login.who": ("Logget ind som {name}", "Signed in as {name}"),
    "error.sign_in": ("Log ind først.", "Sign in first."),
    "error.forbidden": (
        "Din rolle giver ikke adgang til denne side. Spørg den, der giver roller.",
        "Your role may not see this page. Ask whoever gives roles.",
    ),
    "error.audience": (
        "Disse tal er lavet til andre roller end din.",
        "These figures were made for other roles than yours.",
    ),
    "error.forged": (
        "Formularen kom ikke fra en side på denne server, eller siden var for gammel. Åbn siden igen, og send den derfra.",
        "The form did not come from a page of this server, or the page was too old. Open the page again and send it from there.",
    ),
    "error.too_many": ("For mange forespørgsler. Vent et øjeblik, og prøv igen.", "Too many requests. Wait a moment and try again."),
    "error.too_many_tries": (
        "For mange forkerte adgangskoder. Vent {minutes} minutter, og prøv igen.",
        "Too many wrong passwords. Wait {minutes} minutes and try again.",
    ),
    "error.too_large": ("Der blev sendt mere, end denne adresse tager imod.", "More was sent than this address takes."),
    "error.too_many_rows": (
        "Udvalget er for stort til én fil. Vælg færre rækker med et filter.",
        "The selection is too large for one file. Choose fewer rows by a filter.",
    ),
    "error.no_cube": (
        "Denne tabel har ingen tal pr. dimension. Hent den som csv, xlsx eller parquet.",
        "This table holds no figures by dimensions. Take it as csv, xlsx or parquet.",
    ),
    "error.too_long": ("Adressen er for lang.", "The address is too long."),
    "error.password": ("Her logges der ikke ind med adgangskode.", "There is no sign-in by password here."),
    "error.openid": ("Login blev ikke gennemført. Begynd forfra.", "The sign-in was not completed. Start again."),
    "error.openid_down": (
        "Login-tjenesten svarer ikke, som den skal. Prøv igen om lidt.",
        "The sign-in service does not answer as expected. Try again in a moment.",
    ),
    "error.no_role": (
        "Du er logget ind, men er ikke i en gruppe, der har en rolle her. Spørg den, der giver roller.",
        "You are signed in, but in no group that has a role here. Ask whoever gives roles.",
    ),
}
