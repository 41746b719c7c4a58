"""The page "Reading the figures": what the words and marks mean, as (term, explanation) pairs in both languages."""

EXPLANATIONS: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (
        ("Effekt", "Effect"),
        (
            "En varig forandring hos en borger, en husstand eller en virksomhed. En ydelse (en samtale, et besøg, en lektion) er "
            "noget, der bliver gjort; "
            "den tælles ved siden af og er aldrig en effekt.",
            "A lasting change for a citizen, a household or a company. An output (a conversation, a visit, a lesson) is something "
            "done; it is counted "
            "beside the effect and never is one.",
        ),
    ),
    (
        ("Årgang", "Cohort"),
        (
            "Alle forløb, der begyndte i samme periode. Effekten hører til den periode, indsatsen begyndte i, ikke den, hvor "
            "effekten viste sig.",
            "All courses that began in the same period. The effect belongs to the period in which the effort began, not the one in "
            "which it showed.",
        ),
    ),
    (
        ("Moden andel", "Matured share"),
        (
            "Andelen blandt dem, hvis frist er udløbet. At tælle de hurtige succeser med, før fristen er gået for alle, ville få "
            "tallet til at se for godt ud.",
            "The share among those whose time is up. Counting early successes before everybody's time is up would make the figure "
            "look too good.",
        ),
    ),
    (
        ("Skøn for alle", "Estimate, everybody"),
        (
            "Bruger også dem, der stadig følges (Kaplan-Meier, eller Aalen-Johansen når noget andet kan komme først). Andel og skøn "
            "står side om side, "
            "fordi hver af dem kan tage fejl på sin egen måde.",
            "Also uses those still being followed (Kaplan-Meier, or Aalen-Johansen where something else may come first). Share and "
            "estimate stand side by "
            "side, since each can be wrong in its own way.",
        ),
    ),
    (
        ("95 %-interval", "95% interval"),
        (
            "Det område, som den sande værdi med rimelighed ligger i. Overlapper to enheders intervaller meget, kan man ikke sige, "
            "at de er forskellige.",
            "The range in which the true value reasonably lies. If two units' intervals overlap a lot, one cannot say that they differ.",
        ),
    ),
    (
        ("Andet kom først", "Competing"),
        (
            "Noget skete, som gjorde, at effekten ikke længere kunne nås: død, pension, udrejse. Det er ikke det samme som, at "
            "effekten udeblev.",
            "Something happened after which the effect could no longer come: death, retirement, emigration. That is not the same as "
            "no effect.",
        ),
    ),
    (
        ("Kan ikke følges", "Censored"),
        (
            "Kilden ved ikke mere om forløbet, for eksempel efter flytning til en anden kommune. Det tæller hverken for eller imod.",
            "The source knows no more of the course, for example after a move to another municipality. It counts neither for nor against.",
        ),
    ),
    (
        ("Effekter pr. million kroner", "Effects per million kroner"),
        (
            "Summen af effekter divideret med summen af udgifter for samme enhed, kerneopgave og periode, i faste priser. Det er "
            "dette tal, man sammenligner på.",
            "The sum of effects divided by the sum of cost of the same unit, core task and period, at fixed prices. This is the "
            "figure to compare by.",
        ),
    ),
    (
        ("Ikke afgrænset", "Not bounded"),
        (
            "Når effekterne er så få, at nul er muligt, kan prisen for én effekt være vilkårligt høj. Så vises ingen øvre grænse.",
            "When effects are so few that none at all is possible, the price of one may be as high as you like. Then no upper bound "
            "is shown.",
        ),
    ),
    (
        ("Skjult", "Hidden"),
        (
            "Tal, der bygger på få personer, udgives ikke, og heller ikke de tal, der kunne røbe dem.",
            "Figures that rest on few persons are not published, nor are those that could give them away.",
        ),
    ),
    (
        ("Evidensniveau", "Evidence level"),
        (
            "Beskrivende og standardiserede tal viser forskelle, ikke årsager. Kun kontrollerede og eksperimentelle tal kan kaldes "
            "virkningen af en indsats.",
            "Descriptive and standardised figures show differences, not causes. Only controlled and experimental ones may be called "
            "the effect of an intervention.",
        ),
    ),
    (
        ("Ikke fordelt", "Unallocated"),
        (
            "Udgifter, der med vilje ikke er lagt på en kerneopgave, og udgifter, som ingen regel fanger. De står på deres egne "
            "linjer, så summen altid er regnskabet.",
            "Cost that is knowingly not placed on a core task, and cost that no rule catches. They stand on lines of their own, so "
            "that the sum is always the ledger.",
        ),
    ),
)
