"use strict";
const form = document.getElementById("filters");
if (form) {
	const cards = [...form.parentElement.querySelectorAll("article")];
	const filter = () => {
		const data = new FormData(form);
		const severities = data.getAll("severity");
		const shown = cards.filter((card) => {
			const fits = severities.includes(card.dataset.severity)
				&& [card.dataset.rule, ""].includes(data.get("rule"))
				&& [card.dataset.file, ""].includes(data.get("file"));
			card.hidden = !fits;
			return fits;
		});
		document.getElementById("shown").textContent = `${shown.length} of ${cards.length} shown`;
	};
	form.addEventListener("input", filter);
	form.addEventListener("submit", (event) => event.preventDefault());
	form.hidden = false;
	filter();
}
