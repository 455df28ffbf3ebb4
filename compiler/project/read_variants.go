package project

import (
	"slices"
	"strconv"

	"gopkg.in/yaml.v3"
)

// variants reads a list of names (equal shares), or a mapping from names to shares; none where one of the names is not right.
func (d *decoder) variants(e entry) []Variant {
	var variants []Variant
	var written int
	before := d.bag.Errors()
	switch {
	case e.is(yaml.SequenceNode):
		variants, written = d.listedVariants(e), len(e.Content)
	case e.is(yaml.MappingNode) && !isBareJinja(e.Node):
		variants, written = d.weighedVariants(e), len(e.Content)/2
	default:
		d.wrongType(e, "a list of names or a mapping from names to shares", sample("variants"))
		return nil
	}
	if len(variants) < written {
		return nil
	}
	if d.bag.Errors() == before { // shares of which one is not right do not add up either
		d.checkVariants(e, variants)
	}
	return variants
}

func (d *decoder) weighedVariants(e entry) []Variant {
	var variants []Variant
	for _, p := range d.pairs(e.Node) {
		v := Variant{Name: Name{p.key.Value, d.src.span(p.key)}}
		d.weigh(&v, child(p.value, "variant.weight"))
		variants = append(variants, v)
	}
	d.checkValues(variants)
	return variants
}

func (d *decoder) listedVariants(e entry) []Variant {
	var variants []Variant
	seen := newNames(d.bag, "variants")
	for _, element := range children(e) {
		if !element.is(yaml.ScalarNode) {
			d.wrongType(element, "the name of a variant", "shares stand in a mapping: "+sample("variants"))
			continue
		}
		if d.keyIsString(element.Node) {
			v := Variant{}
			if into(d, &v.Name, d.prose)(element); v.Name.IsSet() {
				variants = append(variants, v)
				seen.add(v.Name)
			}
		}
	}
	return variants
}

// weigh reads a variant's share, or {value, weight, label}.
func (d *decoder) weigh(v *Variant, e entry) {
	switch {
	case e.isNull():
	case e.is(yaml.ScalarNode):
		d.weight(v, e)
	default:
		d.mapping(e, "variant",
			field{"value", into(d, &v.Value, d.scalar)},
			field{"label", into(d, &v.Label, d.scalar)},
			field{"weight", func(e entry) { d.weight(v, e) }},
		)
	}
}

func (d *decoder) weight(v *Variant, e entry) {
	value, ok := d.scalar(e)
	if !ok {
		return
	}
	weight, form, err := parseShare(value)
	switch {
	case err != nil:
		d.wrongType(e, "a share", "write 50%, 1/3 or 2")
		return
	case weight < 0:
		d.fail(e, codeValue, "write 50%, 1/3 or 2; 0 where nobody is assigned", "a share cannot be negative")
	}
	v.Weight, v.Form = Value[float64]{weight, d.span(e)}, form
}

// checkValues finds variants that the assignments could not tell apart.
func (d *decoder) checkValues(variants []Variant) {
	seen := newNames(d.bag, "variants with the value")
	for _, v := range variants {
		if v.Value.IsSet() {
			seen.add(v.Value)
		} else {
			seen.add(v.Name)
		}
	}
}

// checkVariants checks the shares of one allocation.
func (d *decoder) checkVariants(e entry, variants []Variant) {
	if len(variants) < 2 {
		d.fail(e, codeVariants, sample("variants"), "an experiment compares at least two variants")
		return
	}
	if !slices.ContainsFunc(variants, func(v Variant) bool { return v.Weight.IsSet() }) {
		return
	}
	for _, v := range variants {
		switch {
		case !v.Weight.IsSet():
			d.failAt(v.Name.Span, codeVariants, "give all of them a share, or none",
				"variant `%s` has no share, and others have one", v.Name.V)
			return
		case v.Form != variants[0].Form:
			d.failAt(v.Weight.Span, codeVariants, "use percentages, fractions or bare weights throughout",
				"the share of `%s` is written in another way than that of `%s`", v.Name.V, variants[0].Name.V)
			return
		}
	}
	d.checkSum(e, variants)
}

// checkSum checks that shares add up to the whole. Bare weights need not, unless all lie below 1, as only shares do.
func (d *decoder) checkSum(e entry, variants []Variant) {
	sum, largest := 0.0, 0.0
	for _, v := range variants {
		sum += v.Weight.V
		largest = max(largest, v.Weight.V)
	}
	const tolerance = 0.005
	areShares := variants[0].Form == ShareWeights || largest < 1
	switch {
	case sum == 0:
		d.fail(e, codeVariants, sample("variants"), "every share is 0")
	case areShares && (sum < 1-tolerance-1e-12 || sum > 1+tolerance+1e-12):
		d.fail(e, codeVariants, "shares make up the whole; weights such as 5 and 1 may have any sum", "the shares add up to %s%%, not 100%%", strconv.FormatFloat(100*sum, 'g', 6, 64))
	}
}
