package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/thrift/lib/go/thrift"
)

// A message is a call or an answer, read without its definition.
type message struct {
	name string
	kind thrift.TMessageType
	id   int32
	body structure
}

// A structure is its fields in order.
type structure []field

type field struct {
	id    int16
	kind  thrift.TType
	value any
}

// A list is also a set.
type list struct {
	kind    thrift.TType
	entries []any
}

type dictionary struct {
	keyKind, valueKind thrift.TType
	keys, values       []any
}

// at is the value of a field, nil where there is none.
func (s structure) at(id int16) any {
	i := slices.IndexFunc(s, func(f field) bool { return f.id == id })
	if i < 0 {
		return nil
	}
	return s[i].value
}

// in is the structure that a field holds.
func (s structure) in(id int16) structure {
	inner, _ := s.at(id).(structure)
	return inner
}

// with has a field put in, or put in the place of the one there.
func (s structure) with(f field) structure {
	rest := slices.DeleteFunc(slices.Clone(s), func(old field) bool { return old.id == f.id })
	return append(rest, f)
}

func decode(text []byte) (m message, err error) {
	buffer := thrift.NewTMemoryBufferLen(len(text))
	buffer.Write(text)
	in := thrift.NewTBinaryProtocolConf(buffer, nil)
	if m.name, m.kind, m.id, err = in.ReadMessageBegin(context.Background()); err != nil {
		return m, err
	}
	m.body, err = readStructure(in)
	return m, err
}

func (m message) encode() ([]byte, error) {
	buffer := thrift.NewTMemoryBuffer()
	out := thrift.NewTBinaryProtocolConf(buffer, nil)
	if err := out.WriteMessageBegin(context.Background(), m.name, m.kind, m.id); err != nil {
		return nil, err
	}
	err := write(out, thrift.STRUCT, m.body)
	return buffer.Bytes(), err
}

func readStructure(in thrift.TProtocol) (structure, error) {
	var s structure
	for {
		_, kind, id, err := in.ReadFieldBegin(context.Background())
		if err != nil || kind == thrift.STOP {
			return s, err
		}
		value, err := read(in, kind)
		if err != nil {
			return nil, err
		}
		s = append(s, field{id, kind, value})
	}
}

func read(in thrift.TProtocol, kind thrift.TType) (any, error) {
	ctx := context.Background()
	switch kind {
	case thrift.BOOL:
		return in.ReadBool(ctx)
	case thrift.BYTE:
		return in.ReadByte(ctx)
	case thrift.I16:
		return in.ReadI16(ctx)
	case thrift.I32:
		return in.ReadI32(ctx)
	case thrift.I64:
		return in.ReadI64(ctx)
	case thrift.DOUBLE:
		return in.ReadDouble(ctx)
	case thrift.STRING:
		return in.ReadBinary(ctx)
	case thrift.STRUCT:
		return readStructure(in)
	case thrift.LIST, thrift.SET:
		kind, size, err := in.ReadListBegin(ctx)
		if err != nil {
			return nil, err
		}
		entries, err := readSeveral(in, size, kind)
		return list{kind, entries[0]}, err
	case thrift.MAP:
		keyKind, valueKind, size, err := in.ReadMapBegin(ctx)
		if err != nil {
			return nil, err
		}
		entries, err := readSeveral(in, size, keyKind, valueKind)
		return dictionary{keyKind, valueKind, entries[0], entries[1]}, err
	}
	return nil, fmt.Errorf("no value is of kind %v", kind)
}

// readSeveral reads so many values of each kind, in turn.
func readSeveral(in thrift.TProtocol, size int, kinds ...thrift.TType) ([][]any, error) {
	entries := make([][]any, len(kinds))
	for range size {
		for i, kind := range kinds {
			value, err := read(in, kind)
			if err != nil {
				return entries, err
			}
			entries[i] = append(entries[i], value)
		}
	}
	return entries, nil
}

func write(out thrift.TProtocol, kind thrift.TType, value any) error {
	ctx := context.Background()
	switch v := value.(type) {
	case bool:
		return out.WriteBool(ctx, v)
	case int8:
		return out.WriteByte(ctx, v)
	case int16:
		return out.WriteI16(ctx, v)
	case int32:
		return out.WriteI32(ctx, v)
	case int64:
		return out.WriteI64(ctx, v)
	case float64:
		return out.WriteDouble(ctx, v)
	case []byte:
		return out.WriteBinary(ctx, v)
	case structure:
		for _, f := range v {
			if err := out.WriteFieldBegin(ctx, "", f.kind, f.id); err != nil {
				return err
			}
			if err := write(out, f.kind, f.value); err != nil {
				return err
			}
		}
		return out.WriteFieldStop(ctx)
	case list:
		if err := out.WriteListBegin(ctx, v.kind, len(v.entries)); err != nil {
			return err
		}
		return writeSeveral(out, []thrift.TType{v.kind}, v.entries)
	case dictionary:
		if err := out.WriteMapBegin(ctx, v.keyKind, v.valueKind, len(v.keys)); err != nil {
			return err
		}
		return writeSeveral(out, []thrift.TType{v.keyKind, v.valueKind}, v.keys, v.values)
	}
	return fmt.Errorf("%T is no value of kind %v", value, kind)
}

// writeSeveral writes the first of each list, then the second, and so on.
func writeSeveral(out thrift.TProtocol, kinds []thrift.TType, lists ...[]any) error {
	for i := range lists[0] {
		for j, kind := range kinds {
			if err := write(out, kind, lists[j][i]); err != nil {
				return err
			}
		}
	}
	return nil
}
