/* What is better with JavaScript: times grow older while a page stands open, «/» leads to the search, and a static site
   finds words too. Nothing here is needed to read, and nothing is asked of another site. Text is only ever set as text. */
"use strict";
(() => {
  const body = document.body;
  const arab = (text) => text.replace(/[0-9]/g, (digit) => "٠١٢٣٤٥٦٧٨٩"[digit]);
  const number = (value, digits = body.dataset.digits) => (digits === "arab" ? arab(String(value)) : String(value));
  const FORMS = {
    minute: ["دقيقة", "دقيقتين", "دقائق", "دقيقة"],
    hour: ["ساعة", "ساعتين", "ساعات", "ساعة"],
    day: ["يوم", "يومين", "أيام", "يوما"],
    article: ["مادة واحدة", "مادتان", "مواد", "مادة"],
  };
  const counted = (value, [one, two, few, many], digits) =>
    value === 1 ? one : value === 2 ? two : `${number(value, digits)} ${value % 100 >= 3 && value % 100 <= 10 ? few : many}`;

  function ago(seconds, digits) {
    const age = Math.floor(Date.now() / 1000) - seconds;
    if (age < 0 || age >= 7 * 86400) return null;
    if (age < 60) return "الآن";
    for (const [size, noun] of [[86400, "day"], [3600, "hour"], [60, "minute"]])
      if (age >= size) return `منذ ${counted(Math.floor(age / size), FORMS[noun], digits)}`;
    return null;
  }
  function tell() {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const said = ago(Number(time.dataset.ago), time.closest("[data-digits]").dataset.digits);
      time.dataset.date ??= time.textContent.startsWith("منذ") || time.textContent === "الآن" ? "" : time.textContent;
      if (said) time.textContent = said;
      else if (time.dataset.date) time.textContent = time.dataset.date;
    }
  }
  tell();
  setInterval(tell, 60000);

  if (matchMedia("(max-width: 59.99rem)").matches) for (const text of document.querySelectorAll(".origin details")) text.open = false; /* the others stand below it */

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(input|select|textarea)$/i.test(event.target.tagName) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      (document.getElementById("q") ?? document.getElementById("q-mast")).focus();
    }
  });

  /* One press copies or shares. Without a secure address a browser has no clipboard of its own to give: a selection does. */
  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
  }
  const address = () => decodeURI(location.href.split("#")[0]);
  for (const button of document.querySelectorAll("[data-copy], [data-copy-address], [data-share]")) {
    const label = button.textContent;
    const { copy, share, done } = button.dataset;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (share && navigator.share) return navigator.share({ title: share, url: address() }).catch(() => {});
      await copied(share ? `${share}\n${address()}` : copy ? document.getElementById(copy).textContent : address());
      button.textContent = done; /* a browser that cannot share copies what would be shared */
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  /* Letters as the index has them, as in archive/text.py: «فؤاد عبد الله» is «فواد عبدالله». */
  const MARKS = /[\u00ad\u0621\u0640\u0670\u061c\ufeff\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069]/g;
  const LETTERS = { آ: "ا", أ: "ا", إ: "ا", ٱ: "ا", ى: "ي", ی: "ي", ې: "ي", ے: "ي", ئ: "ي", ؤ: "و", ة: "ه", ۀ: "ه", ہ: "ه", ھ: "ه", ە: "ه", ک: "ك", ڪ: "ك", گ: "ك", ڤ: "ف", پ: "ب", چ: "ج" };
  const fold = (word) =>
    word.normalize("NFKC").replace(MARKS, "").replace(/[^\u0000-\u007f]/g, (c) => LETTERS[c] ?? c)
      .replace(/[٠-٩]/g, (d) => d.charCodeAt(0) - 0x660).replace(/[۰-۹]/g, (d) => d.charCodeAt(0) - 0x6f0).toLowerCase();
  const servants = (text) => text.replace(/(?<![\p{L}\p{N}])([وفبلك]{0,2}عبد)[^\S\n]+(?=ال[\p{L}\p{N}]|ربه?(?![\p{L}\p{N}]))/gu, "$1");

  for (const field of document.querySelectorAll("[data-sift]")) {
    field.closest("[hidden]").hidden = false;
    const plain = (text) => fold(text).replace(/عبد\s+/g, "عبد");
    const rows = [...document.querySelectorAll(field.dataset.sift)].map((row) => [row, plain(row.textContent)]);
    field.addEventListener("input", () => {
      const asked = plain(field.value.trim());
      for (const [row, text] of rows) row.hidden = !text.includes(asked);
    });
  }

  /* Search without a server: a file of words holds for each the numbers of its articles by time, at-….js where it stands in them, facts.js of what outlet and day they are, docs-….js what is shown of them. */
  const found = document.getElementById("found");
  if (!found || "live" in body.dataset) return;
  const asked = new URLSearchParams(location.search);
  const text = (asked.get("q") ?? "").trim();
  const latin = body.dataset.digits === "latn";
  if (!latin) body.dataset.digits = "arab"; /* dates stand beside all counts here */
  document.getElementById("q").value = text;
  for (const name of ["outlet", "agency", "since", "until", "order"]) {
    const field = document.getElementById(name);
    if (field && asked.get(name)) field.value = asked.get(name);
  }
  if (!text) return;

  function bare(word) { /* «بالرياض» asks for «الرياض», «للاعب» for «الاعب» or «اللاعب» */
    const [, definite] = word.match(/^(?:[وف]?[بكوف](?=ال.{3})|[وفبلك]{1,2}(?=عبدال.))(.+)$/u) ?? [], [, lam] = word.match(/^[وف]?ل(ل..+|له)$/u) ?? [];
    return definite ? [definite] : !lam ? [word] : lam === "له" ? ["الله"] : [`ا${lam}`, `ال${lam}`];
  }
  const wordsOf = (said) => servants(fold(said)).match(/[\p{L}\p{N}]+/gu) ?? [];
  const PHRASE = /["“”„‟«»‹›〝〞＂]([^"“”„‟«»‹›〝〞＂]+)["“”„‟«»‹›〝〞＂]/g;
  const WITHOUT = /["“”„‟«»‹›〝〞＂][^"“”„‟«»‹›〝〞＂]+["“”„‟«»‹›〝〞＂]|(?<!\S)[-\u2212](["“”„‟«»‹›〝〞＂][^"“”„‟«»‹›〝〞＂]+["“”„‟«»‹›〝〞＂]|\p{L}\S*)/gu;
  const unwantedOf = (said) => [...said.matchAll(WITHOUT)].flatMap(([, unwanted]) => (unwanted ? termsOf(unwanted) : [])).slice(0, 12);
  function termsOf(typed) { /* what stands in quotes is meant as it is written, and its words one behind the other */
    const said = typed.replace(WITHOUT, (whole, unwanted) => (unwanted ? " " : whole));
    const phrases = [...said.matchAll(PHRASE)].map(([, phrase]) => wordsOf(phrase)).filter((words) => words.length);
    const single = wordsOf(said.replace(PHRASE, " ")).map((word) => [word]);
    return [...phrases.map((words) => ({ words, quoted: true })), ...single.map((words) => ({ words, quoted: false }))].slice(0, 12);
  }
  const seats = (word) => [...new Set([word, word.slice(0, 1) + word.slice(1).replace(/يو|وو/g, (two) => (two === "يو" ? "وو" : "يو"))])];
  const NO_ARTICLE = new Set(found.dataset.withoutArticle.split(" ")); /* «الكتروني», which has an article besides */
  function spellings(word) {
    if (/^\p{L}$/u.test(word)) return [word]; /* «ن» is not in «بن» */
    const to = (noun) => (noun.startsWith("ل") ? "ل" : "لل") + noun; /* «للرياض», but «للجنة» of «اللجنة» */
    const bases = word.startsWith("ال") && !NO_ARTICLE.has(word) ? [word, "ب" + word, "ك" + word, "ل" + word, to(word.slice(2))]
      : [word, "ب" + word, "ل" + word, "ك" + word, "ال" + word, "بال" + word, "كال" + word, to(word)];
    return [...bases, ...bases.map((b) => "و" + b), ...bases.map((b) => "ف" + b)];
  }
  const shards = new Map();
  globalThis.warraq = { shard: (name, words) => shards.set(name, words) };
  const loading = new Map();
  function load(name) {
    if (!loading.has(name)) loading.set(name, new Promise((done) => {
      const script = document.createElement("script");
      script.src = `${body.dataset.root}search/${name}.js`;
      script.onload = done;
      script.onerror = () => { shards.set(name, {}); done(); };
      document.head.append(script);
    }));
    return loading.get(name);
  }
  /* one file has all forms of a word: what Arabic joins to it is taken off, as in archive/site/search.py */
  const core = (word) => word.replace(/^(?:ال(?=..)|[وفبلك](?=..))+/u, "").replaceAll("يو", "وو");
  const shardOf = (word) => [...core(word)].reduce((sum, c) => (31 * sum + c.codePointAt(0)) % found.dataset.files, 0).toString(16);

  async function said(kind, form) { /* of a word, in its file or, where that is long, in one of its own */
    await load(kind + shardOf(form));
    const here = shards.get(kind + shardOf(form)) ?? {};
    const value = Object.hasOwn(here, form) ? here[form] : [];
    if (!Array.isArray(value) || typeof value[0] !== "string") return value;
    await load(value[0]);
    return shards.get(value[0]);
  }
  function unpacked(value) { /* steps, or letters of which each says of five numbers which are there */
    const numbers = [];
    if (typeof value === "string") {
      for (let n = 0; n < 5 * value.length; n++) if (((value.charCodeAt(Math.floor(n / 5)) - 93) >> (n % 5)) & 1) numbers.push(n);
    } else if (Array.isArray(value)) {
      let last = 0;
      for (const step of value) numbers.push((last += step));
    }
    return numbers;
  }
  async function numbersOf(forms) {
    await Promise.all(forms.map((form) => load(shardOf(form))));
    if (forms.some((form) => shards.get(shardOf(form))[form] === 0)) return null; /* in most articles: it chooses nothing */
    const numbers = new Set();
    for (const value of await Promise.all(forms.map((form) => said("", form)))) for (const n of unpacked(value)) numbers.add(n);
    return numbers;
  }
  const many = async (form) => { const value = await said("", form); return value === 0 ? Infinity : unpacked(value).length; };
  async function understood(word) { /* «لمصر» asks for «مصر», where the archive writes that more often; as in archive/site/search.py */
    const stem = word.slice(1), bases = bare(word);
    if (bases.length > 1) { /* «للقاء» asks for «اللقاء», «لليبيا» for «ليبيا» */
      const [plain, doubled] = bases, lam = doubled.slice(2);
      const [simple, inner, other, alone] = await Promise.all([plain, plain.slice(2), doubled, lam].map(many));
      return Math.min(other, alone) > Math.min(simple, inner) ? doubled : simple < 0.01 * alone ? lam : plain;
    }
    if (!"وفبلك".includes(word[0]) || stem.length < 3 || bases[0] !== word) return word;
    await load(shardOf(word));
    if (shards.get(shardOf(word))[`=${word}`]) return word; /* «كيري», whom the archive knows by name, is no «يرى» */
    const [typed, definite, other] = await Promise.all([word, `ال${word}`, stem].map(many));
    return definite <= 0.05 * typed && other > 1.5 * typed ? stem : word;
  }
  const formsOf = (word) => [...new Set([word, ...bare(word).flatMap(seats).flatMap(spellings)])];
  async function formsOfWord(word) { /* with its plural, or its singular */
    await load(shardOf(word));
    const others = bare(word).flatMap((asked) => {
      const stem = asked.replace(/^ال(?=..)/u, "");
      return (shards.get(shardOf(asked))[`+${stem}`] ?? []).map((other) => (stem === asked ? other : "ال" + other));
    });
    return [word, ...others].flatMap(formsOf);
  }
  async function placesOf(forms, before, among) { /* where a phrase would begin that has the word so far behind its beginning */
    const places = new Map();
    for (const form of forms) {
      const numbers = unpacked(await said("", form)), letters = numbers.length ? await said("at-", form) : "";
      let at = 0, place = 0, value = 0, shift = 0;
      for (const letter of letters) {
        const bits = letter.charCodeAt(0) - 93;
        value |= (bits & 15) << shift;
        shift += 4;
        if (bits & 16) continue;
        place = value ? place + value : 0;
        if (value && among.has(numbers[at])) places.set(numbers[at], (places.get(numbers[at]) ?? new Set()).add(place - before));
        if (!value) at++;
        value = shift = 0;
      }
    }
    return places;
  }
  const both = (one, other) => new Set([...one].filter((each) => other.has(each)));
  const missing = new Set(); /* words that no article has */
  async function foundOf({ words: [first, ...rest], quoted, isUnwanted }) {
    const words = [await understood(first), ...rest];
    const forms = await Promise.all(words.map((word, place) => (place ? seats(word) : quoted ? formsOf(word) : formsOfWord(word))));
    const each = await Promise.all(forms.map(numbersOf));
    if (!isUnwanted) each.forEach((numbers, place) => numbers?.size === 0 && missing.add(words[place]));
    const telling = [...each.keys()].filter((place) => each[place]); /* of what most articles have, the place is not known */
    if (!telling.length) return null;
    const numbers = telling.map((place) => each[place]).reduce(both);
    if (telling.length === 1 || !numbers.size) return numbers;
    const begins = await Promise.all(telling.map((place) => placesOf(forms[place], place, numbers)));
    return new Set([...numbers].filter((n) => begins.map((places) => places.get(n) ?? new Set()).reduce(both).size));
  }
  /* what may be meant by a word that no article has: the commonest word of headlines that is one letter away, or two that changed places */
  const isNear = (one, other) => {
    if (one.length > other.length) return isNear(other, one);
    let at = 0;
    while (at < one.length && one[at] === other[at]) at++;
    if (one.length < other.length) return one.slice(at) === other.slice(at + 1);
    return one.slice(at + 1) === other.slice(at + 1) || (one[at] === other[at + 1] && one[at + 1] === other[at] && one.slice(at + 2) === other.slice(at + 2));
  };
  async function nearest(word) {
    const files = word.length < 4 ? [] : [0, 1, -1].map((more) => `near-${word.length + more}`);
    await Promise.all(files.map(load));
    return files.flatMap((name) => [shards.get(name) ?? []].flat()).filter((each) => each.length && isNear(fold(each), word)).slice(0, 3);
  }
  async function meantBy(terms) { /* of words that are near to each that is missing, those by which most is found; null: nothing would be */
    const spelled = new Map();
    let most = 0;
    for (const word of [...missing]) {
      missing.delete(word);
      const tried = await Promise.all((await nearest(bare(word)[0])).map(async (other) => {
        const [near] = wordsOf(other), meant = terms.map((term) => ({ ...term, words: term.words.map((each) => (each === word ? near : each)) }));
        spelled.set(near, other);
        const sets = await Promise.all(meant.filter(({ words }) => !words.some((each) => missing.has(each))).map(foundOf));
        return [sets.filter(Boolean).reduce(both, sets.find(Boolean) ?? new Set([0])).size, meant];
      }));
      [most, terms] = tried.reduce((best, each) => (each[0] > best[0] ? each : best), [0, terms]);
      if (!most) return null;
    }
    return terms.map(({ words, quoted }) => {
      const said = words.map((word) => spelled.get(word) ?? word).join(" ");
      return quoted ? `«${said}»` : said;
    }).join(" ");
  }
  const element = (name, kind, content, href) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (content != null) made.textContent = content;
    if (href) made.href = href;
    return made;
  };
  const again = (changes) => {
    const next = new URLSearchParams(location.search);
    next.delete("page");
    for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name);
    return `?${next}`;
  };
  const MONTHS = "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split(" ");
  const optionOf = (field, code) => [...document.getElementById(field).options].find((each) => each.value === code);
  const nameOf = (field, code) => optionOf(field, code)?.textContent ?? code;
  const SIZE = 20;
  function side(title, name, many, labelOf, changesOf) { /* how many of all that was found have which value, the most first */
    const rows = [...many].sort(name === "month" ? ([one], [other]) => (one < other ? 1 : -1) : (one, other) => other[1] - one[1]).slice(0, 12);
    if (!rows.length) return [];
    const section = element("section"), list = element("ul");
    section.append(element("h2", "kicker", title), list);
    for (const [value, count] of rows) {
      const row = element("li"), link = element("a", "", labelOf(value), again(changesOf(value)));
      if (asked.get(name) === value) link.setAttribute("aria-current", "true");
      row.append(link, " ", element("small", "", number(count)));
      list.append(row);
    }
    if (asked.get(name)) section.append(element("p", "more"));
    section.querySelector(".more")?.append(element("a", "", "كلها", again({ [name]: "" })));
    return [section];
  }
  const tally = (values) => values.reduce((many, value) => many.set(value, (many.get(value) ?? 0) + 1), new Map());
  function facets(all) {
    const made = element("div", "side facets");
    const monthOf = (month) => { const text = `${MONTHS[month.slice(5) - 1]} ${month.slice(0, 4)}`; return latin ? text : arab(text); };
    made.append(...side("الصحف", "outlet", tally(all.map((each) => each.code)), (code) => nameOf("outlet", code), (code) => ({ outlet: code })),
      ...side("الوكالات", "agency", tally(all.flatMap((each) => each.agencies.split(" ").filter(Boolean))), (code) => nameOf("agency", code), (code) => ({ agency: code })),
      ...side("الشهور", "month", tally(all.map((each) => each.day.slice(0, 7))), monthOf, (month) => ({ since: month, until: month })));
    return made;
  }
  function onward() { /* a way on from nothing */
    const made = element("div", "onward"), line = element("p");
    if (["outlet", "agency", "since", "until"].some((name) => asked.get(name)))
      line.append(element("a", "", "ابحث عنها في الأرشيف كله", `?${new URLSearchParams({ q: text })}`), "، بلا صحيفة ولا وكالة ولا أيام.");
    made.append(line, ...document.querySelectorAll("#found > section"));
    return made;
  }
  function leaf(page, last) {
    const nav = element("nav", "pages");
    nav.setAttribute("aria-label", "صفحات");
    if (page > 1) nav.append(element("a", "", "السابقة", again({ page: page - 1 })));
    nav.append(element("span", "", `صفحة ${number(page)} من ${number(last)}`));
    if (page < last) nav.append(element("a", "", "التالية", again({ page: page + 1 })));
    return nav;
  }
  async function show(all, nothing = "لا شيء بهذه الكلمات.") {
    const count = element("p", "count", all.length ? counted(all.length, FORMS.article) : nothing);
    if (!all.length) return found.replaceChildren(count, onward());
    const last = Math.ceil(all.length / SIZE), page = Math.min(Math.max(Number(asked.get("page")) || 1, 1), last);
    const list = element("div", "list"), columns = element("div", "page");
    const here = all.slice((page - 1) * SIZE, page * SIZE), block = (n) => `docs-${Math.floor(n / 10)}`;
    await Promise.all([...new Set(here.map(({ n }) => block(n)))].map(load));
    for (const { n, code } of here) {
      const told = shards.get(block(n))?.[n];
      if (!told) continue;
      const [path, headline, outlet, at, date] = told;
      const item = element("article", "item");
      const title = element("h2");
      title.append(element("a", "", headline, body.dataset.root + path));
      const meta = element("p", "meta");
      meta.append(element("span", `outlet ${optionOf("outlet", code)?.className ?? ""}`, outlet));
      const time = element("time", "", date);
      time.dataset.ago = at;
      meta.append(time);
      item.append(title, meta);
      list.append(item);
    }
    columns.append(list, facets(all));
    found.replaceChildren(count, columns, ...(last > 1 ? [leaf(page, last)] : []));
    tell();
  }
  const day = (date) => fold(date).split("-").reverse().join("-"); /* of the readers' zone, as it is shown: 2026-11-29 */
  (async () => {
    found.prepend(element("p", "count", "يبحث…"));
    const terms = termsOf(text), sets = (await Promise.all(terms.map(foundOf))).filter(Boolean);
    if (!sets.length) return show([], terms.length ? "هذه الكلمات في معظم المواد؛ أضف كلمة أندر." : undefined);
    const unwanted = await Promise.all(unwantedOf(text).map((term) => foundOf({ ...term, quoted: true, isUnwanted: true })));
    const numbers = [...sets.reduce(both)].filter((n) => !unwanted.some((each) => each?.has(n)));
    await load("facts");
    const { kinds = [], of = "", days = [] } = shards.get("facts") ?? {};
    const typed = (text) => { /* «٢٩-١١-٢٠٢٦» is 2026-11-29 */
      const plain = fold(text ?? "").trim().replace(/[/.]/g, "-");
      const [, d, m, y] = plain.match(/^(\d{1,2})-(\d{1,2})-(\d{4})$/) ?? [];
      return y ? `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}` : plain;
    };
    const since = typed(asked.get("since")), until = (typed(asked.get("until")) || "9999") + "\uffff"; /* a month is before its days */
    let place = days.length - 1;
    const all = numbers.sort((one, other) => other - one).map((n) => { /* the newest first */
      while (place > 0 && days[place][1] > n) place--;
      const [code, agencies] = kinds[of.charCodeAt(n) - 93];
      return { n, code, agencies, day: day(days[place][0]) };
    }).filter((each) => (!asked.get("outlet") || each.code === asked.get("outlet"))
      && each.day >= since && each.day <= until && (!asked.get("agency") || each.agencies.split(" ").includes(asked.get("agency"))));
    await show(all);
    if (all.length || !missing.size) return;
    const meant = await meantBy(terms);
    if (!meant) return;
    const line = element("p", "", "هل تقصد ");
    line.append(element("a", "", meant, again({ q: meant })), "؟");
    found.querySelector(".count").after(line);
  })();
})();
