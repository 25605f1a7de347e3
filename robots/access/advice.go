package access

// Advice says for each code of this robot what a person does about it, for the
// workbook's overview.
func (r *Robot) Advice() map[string]string {
	return map[string]string{
		"PAKKE-UDEN-SVAR":           "Ring til lederen, giv flere dage, giv pakken til en anden, eller luk den.",
		"LEDER-FIK-INGEN-MAIL":      "Ret adressen i kataloget, eller giv lederen besked selv.",
		"EGEN-PAKKE":                "Giv pakken til en, hvis egne rettigheder ikke er i den.",
		"SVAR-UFULDSTÆNDIGT":        "Åbn pakken igen, så lederen kan svare på resten.",
		"SKAL-RETTES":               "Ret rettigheden i systemet, som lederen har skrevet, og vælg Behandlet manuelt.",
		"KONTO-UDEN-PERSON":         "Find kontoens ejer, eller luk den.",
		"FRATRÅDT-MED-ADGANG":       "Luk kontoen, og fjern rettighederne.",
		"DOBBELTKONTO":              "Find ud af, hvilken konto der bruges, og luk den anden.",
		"ROBOTKONTO":                "Se efter, om kontoen stadig har brug for sine rettigheder.",
		"PERSON-STÅR-TO-GANGE":      "Ret kataloget over ansatte.",
		"INGEN-KAN-GENNEMGÅ":        "Skriv en leder i kataloget, eller en til under fallback i adgange.yaml.",
		"TRANSAKTIONER-VED-GRÆNSEN": "Fjern det, brugeren ikke har brug for, fra profilerne.",
		"LEDER-FLERE-PAKKER":        "Overvej en stedfortræder, større pakker eller et andet tempo.",
		"RET-KOMMET-IGEN":           "Find ud af, hvem der har givet rettigheden tilbage.",
		"RET-STÅR-ENDNU":            "Fjern rettigheden i systemet, og vælg Behandlet manuelt, eller Lad den stå.",
		"RET-IKKE-FUNDET":           "Se efter i systemet, hvad der er sket med rettigheden.",
		"FJERNELSE-AFVIST":          "Se efter, hvorfor systemet siger nej, og fjern rettigheden i hånden.",
		"FJERNES-I-HÅNDEN":          "Fjern rettigheden i systemet, og vælg Behandlet manuelt.",
		"ANDRE-RETTER-VÆK":          "Sammenlign med beviset, og giv de andre rettigheder tilbage.",
		"GODKENDELSE-GÆLDER-IKKE":   "Få en anden til at godkende fjernelsen.",
		"RET-FORKLARET-NU":          "Skal personen beholde rettigheden, så vælg Lad den stå; ellers fjern den i systemet.",
		"KONTO-SKIFTET-PERSON":      "Find ud af, hvem kontoen er hos nu, og om rettigheden skal væk.",
		"LÆSNING-TOM":               "Se efter, hvad robottens bruger må se i systemet, og vælg Prøv igen.",
		"KATALOG-SKRUMPET":          "Se efter, hvad der mangler i kataloget, og vælg Prøv igen.",
	}
}
