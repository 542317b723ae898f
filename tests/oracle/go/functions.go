// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// function is what the generator knows of one: the kind of its result, and of each of its arguments. A '*' behind the
// last one: any number may follow. Letters:
//
//	s text   n number (any kind)   i int   c small int   f float64   b bool   l list   k list of texts   m map
//	a anything   v text of a version   q text of a constraint   p pattern   d date   u layout of a date   t duration
//	D map that nobody else holds (a map merged into itself would have no end)
//	w name of a type or kind   F format with its arguments   N text of a number   o text of a JSON object   O text of a JSON list   T text of TOML   P path   U url
type function struct {
	name      string
	result    byte
	arguments string
	fragile   bool
}

// Every function that gives the same for the same arguments, except: keys and values, whose order is random in Helm
// (sorted, or of one entry here); derivePassword (slow); fail, include, tpl and required, which the grammar makes.
var functions = parseFunctions(`
and a aa*          or a aa*           not b a            len i s            len i l            len i m
index a la         index a lc         index a ms         index a mss        slice l lcc        slice l lc
print s a*         println s a*       printf s F         html s s           js s s             urlquery s s
eq b ss*           eq b ff            eq b aa            ne b ss            ne b aa            lt b ff
le b ff            gt b ii            ge b ff            lt b ss            eq b bb            html s a
trim s s           upper s s          lower s s          title s s          untitle s s        substr s ccs
repeat s cs        trimall s ss       trimAll s ss       trimSuffix s ss    trimPrefix s ss    nospace s s
initials s s       swapcase s s       snakecase s s      camelcase s s      kebabcase s s      wrap s cs
wrapWith s css     contains b ss      hasPrefix b ss     hasSuffix b ss     quote s a*         squote s a*
quote s s          cat s a*           indent s cs        nindent s cs       replace s sss      plural s ssc
sha1sum s s        sha256sum s s      sha512sum s s      adler32sum s s     toString s a       abbrev s cs
abbrevboth s ccs   trunc s cs         atoi i N           int64 n N          int i N            float64 f N
int64 n a          int i a            float64 f a        seq s c*           toDecimal n N      toDecimal n a
split m ss         splitList k ss     splitn m scs       toStrings k l      toStrings k a      until l c
untilStep l ccc    add1 n n           add n n*           sub n nn           div n nn           mod n nn
mul n nn*          add1f f n          addf f n*          subf f nn*         divf f nn*         mulf f nn*
biggest n nn*      max n nn*          min n nn*          maxf f nn*         minf f nn*         ceil f n
floor f n          round f nc         round f ncf        add n a*           mul n aa           divf f aa
join s sl          join s sa          sortAlpha k l      sortAlpha k k      default a aa       default s ss
empty b a          coalesce a a*      all b a*           any b a*           compact l l        mustCompact l l
fromJson m o       toJson s a         toPrettyJson s a   toRawJson s a      mustFromJson a o   mustToJson s a
mustToPrettyJson s a mustToRawJson s a ternary a aab     deepCopy a a       mustDeepCopy a a   typeOf s a
typeIs b wa        typeIsLike b wa    kindOf s a         kindIs b wa        deepEqual b aa     getHostByName s s
base s P           dir s P            clean s P          ext s P            isAbs b P          osBase s P
osClean s P        osDir s P          osExt s P          osIsAbs b P        b64enc s s         b64dec s s
b32enc s s         b32dec s s         tuple l a*         list l a*          dict m sa          dict m sasa
dict m a*          get a ms           hasKey b ms        pluck l smm        pick m ms*         omit m ms*
merge m Dm         mergeOverwrite m Dm mustMerge m Dm    mustMergeOverwrite m Dm append l la   push l la
mustAppend l la    mustPush l la      prepend l la       mustPrepend l la   first a l          mustFirst a l
rest l l           mustRest l l       last a l           mustLast a l       initial l l        mustInitial l l
reverse l l        mustReverse l l    uniq l l           mustUniq l l       without l la*      mustWithout l la*
has b al           mustHas b al       concat l l*        dig a ssam         dig a sam          chunk l cl
mustChunk l cl     mustSlice l lcc    mustSlice l lc     semverCompare b qv regexMatch b ps    mustRegexMatch b ps
regexFindAll k psc mustRegexFindAll k psc regexFind s ps mustRegexFind s ps regexReplaceAll s pss
mustRegexReplaceAll s pss regexReplaceAllLiteral s pss   mustRegexReplaceAllLiteral s pss      regexSplit k psc
mustRegexSplit k psc regexQuoteMeta s s urlParse m U     urlJoin s m        toYaml s a         toYamlPretty s a
fromYaml m o       fromYamlArray l O  toToml s m         fromToml m T       fromJsonArray l O  lookup m ssss
toDate d us        mustToDate d us    date s ud          dateInZone s udz   date_in_zone s udz htmlDate s d
htmlDateInZone s dz dateModify d td   mustDateModify d td date_modify d td  must_date_modify d td unixEpoch s d
duration s N       duration s n       durationRound s t  durationRound s n  hello s            toStrings k k
buildCustomCert m ss encryptAES s s   decryptAES s ss    sortAlpha s a      join s sk
`)

// Functions that fail for many of the arguments that they get here.
var fragile = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`index slice dig mustSlice buildCustomCert decryptAES mustFromJson mod div divf chunk mustChunk
		urlParse mustToDate mustDateModify must_date_modify mustRegexFind mustRegexFindAll mustRegexMatch mustRegexSplit
		mustRegexReplaceAll mustRegexReplaceAllLiteral substr`) {
		names[name] = true
	}
	return names
}()

func parseFunctions(table string) []function {
	var list []function
	words := strings.Fields(table)
	// A name, its result, and its arguments unless it has none.
	for i := 0; i+1 < len(words); {
		f := function{name: words[i], result: words[i+1][0]}
		i += 2
		if f.name != "hello" {
			f.arguments = words[i]
			i++
		}
		if f.name == "encryptAES" { // random, and without its second argument an error
			continue
		}
		f.fragile = fragile[f.name]
		list = append(list, f)
	}
	return list
}

var functionsByResult = func() map[byte][]function {
	table := map[byte][]function{}
	for _, f := range functions {
		table[f.result] = append(table[f.result], f)
		table['a'] = append(table['a'], f)
		switch f.result {
		case 'i', 'f':
			table['n'] = append(table['n'], f)
		case 'k':
			table['l'] = append(table['l'], f)
		}
	}
	return table
}()

var versions = []string{
	"1.2.3", "v1.2.3", "1.2", "1", "v1", "1.2.3-alpha", "1.2.3-alpha.1", "1.2.3-rc.10+build.5", "1.2.3+b", "0.0.0", "0.2.0",
	"10.20.30", "1.29+", "v1.29.4-gke.100", "v1.35.4", "1.35.0-0", "01.2.3", "1.2.3.4", "latest", "", " 1.2.3", "1.2.x",
	"1.2.3-", "1.2.3-01", "1.2.3+", "99999999999999999999.1.1", "1.0.0-a-b", "2.0.0-0", "1.2.3-ALPHA", "V1.2.3",
}

var constraints = []string{
	">=1.2.0", ">= 1.2.0-0", "<2", "> 1.0 < 2.0", ">1.0, <2.0", "^1.2", "^1.2.3", "^0.2", "^0.0.3", "^0", "~1.2.3", "~1.2", "~1",
	"1.x", "1.2.x", "*", "x", "", "=1.2.3", "1.2.3", "!=1.2.3", "!= 1.2.x", "1.2 - 1.4", "1.2.3 - 2", ">=1.2 || <0.5",
	">=1.2-0", "~1.2.3-beta", "=> 1.2", "=<2", "~> 1.2", "> 1.x", ">=1.x", "<= 1.2.x", "v1.2.3", ">=v1.16", "1.2.3-alpha", "foo",
	"> ", ">=1.2.3 foo", ">1.2.3-alpha", "^1.2.3-rc.1", "<1.19.0-0", ">=1.19-0 <1.36-0", "||", ">1 ||", "1.2.3 1.2.4", ">=*",
}

// Pieces of patterns; joined, repeated and nested.
var patternAtoms = []string{
	"a", "b", "c", "o", "l+", ".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "[a-z]", "[^a-z]", "[0-9]+", "[[:alpha:]]", "[[:^digit:]]",
	"\\pL", "\\p{Greek}", "\\PN", "\\b", "\\B", "^", "$", "\\A", "\\z", "(a|b)", "(?:ab)", "(?P<n>a+)", "(?<m>b)", "(?i)x", "(?i:A)",
	"(?s).", "(?m)^", "(?U)a+", "a{2}", "a{1,3}", "b{2,}", "c{,2}", "a*?", "a+?", "a??", "\\.", "\\-", "\\/", "-", "/", " ", "é", "\\x41",
	"\\x{e9}", "\\n", "\\t", "[\\d-]", "[]a]", "[a\\]]", "()", "(|a)", "(a*)*", "(a|b|)+", "\\Q.+\\E", "[é-ü]", "\\pZ", "x{0}", "[^\\S]",
}

var patternOddities = []string{
	"(", ")", "[", "]", "*", "a**", "+", "?", "a{1001}", "(?=a)", "(?!a)", "(?<=a)", "\\1", "(?P<n>", "(?P=n)", "\\", "[z-a]", "[[:foo:]]",
	"\\p{Nope}", "a++", "(?>a)", "\\C", "\\Z", "\\G", "\\h", "\\R", "\\X", "\\K", "(?x) a", "(?#c)", "\\8", "\\07", "\\cA", "a{2}{3}", "{", "}",
	"a{", "a{1", "a{1,", "a{b}", "(?P<a>x)(?P<a>y)", "(?P<1>x)", "\\e", "\\a", "\\v", "\\f", "\\u0041", "[a-\\d]", "[\\w-z]", "\\x{110000}", "x{2,1}",
}

func (r *random) pattern(depth int, calm bool) string {
	if r.chance(6) && !calm {
		return pickFrom(r, patternOddities)
	}
	var text strings.Builder
	for n := 1 + r.IntN(4); n > 0; n-- {
		switch {
		case depth > 0 && r.chance(15):
			text.WriteString(pick(r, "(", "(?:", "(?P<g>") + r.pattern(depth-1, calm) + ")" + pick(r, "", "", "*", "+", "?", "*?", "{2}"))
		case r.chance(8):
			text.WriteString("|")
		case r.chance(2) && !calm:
			text.WriteString(pickFrom(r, patternOddities))
		default:
			text.WriteString(pickFrom(r, patternAtoms) + pick(r, "", "", "", "", "*", "+", "?"))
		}
	}
	return text.String()
}

var dateLayouts = []string{
	"2006-01-02", "2006-01-02T15:04:05Z07:00", "Mon, 02 Jan 2006 15:04:05 MST", "02/01/06", "3:04PM", "Jan _2 15:04:05.000", "Monday",
	"2006", "15:04:05.999999", "January 2, 2006", "20060102150405", "2006-002", "-0700", "MST", "", "Z0700", "pm", "1/2/06 03:04:05 pm", "'06 05 04",
	"15h04.00", "02 Jan", "Mon Jan", "2006-01-02 15:04:05.000000000 -07:00", "_2 __2 002", "hello", "5 4 3 2 1",
}

var dateTexts = []string{
	"2024-01-02", "2024-02-29", "2023-02-29", "2024-13-01", "1969-12-31", "0001-01-01", "9999-12-31", "2024-01-02T03:04:05Z", "2024-07-01T12:00:00+02:00",
	"Tue, 02 Jan 2024 03:04:05 UTC", "2024", "02/01/24", "3:04PM", "", "x", "2024-1-2", "2024-01-02 ", "12:30:45.5", "Tuesday", "20240102030405", "2024-060",
}

var zones = []string{"UTC", "Local", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Nope/Zone", "", "EST", "utc"}

var durations = []string{"1h", "-1.5h", "90m", "24h10m3s", "1ms", "1us", "5", "", "x", "-24h", "8760h", "1h2m3.5s", "100ns", "2h30m", "+1h", "1d", ".5s", "876000h"}

var typeNames = []string{
	"string", "int", "int64", "float64", "bool", "map", "slice", "invalid", "[]interface {}", "map[string]interface {}", "*string", "nil", "",
	"[]string", "chartutil.Values", "map[string]string", "interface {}", "struct", "ptr", "uint8", "<nil>",
}

var numberTexts = []string{
	"0", "1", "-1", "42", "+5", "007", "08", "0x1f", "0b11", "0o17", "1_000", "1.0", "1.5", "12.00", "1.", ".5", "1e3", "1E-2", "abc", "", " 1", "1 ", "99999999999",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e400", "inf", "NaN", "0x1p4", "true", "1,5", "777", "0777", "644", "9", "-0", "--1",
}

var paths = []string{
	"", "/", "a", "/a/b", "a/b/", "a//b", "./a", "../a", "a/../b", "/..", "/../a", "a/b/../../..", "a.tar.gz", ".hidden", "a/.b", "a.", "..", ".", "//a", "a/./b", "/a/b.c/d", "C:\\x",
}

var urls = []string{
	"http://user:pw@host:80/p?q=1#f", "https://example.com", "https://example.com/a%20b?x=y%26z", "mailto:a@b", "/path", "//host/path", "", "host:80", "http://[::1]:80/",
	"http://h/%zz", ":", "http://h:x/", "http://h/p?#", "ftp://h/a b", "http://ex ample/", "#f", "?q", "a:b:c", "HTTP://H/", "oci://ghcr.io/x/y:1", "http://u@h", "http://h?a=b&a=c", "%41", "http://é/ü?ö#ä", "a/b:c",
}
