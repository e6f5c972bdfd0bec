using System.Text.RegularExpressions;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Schemas;

/// <summary>
/// A JSON schema that fits every record that was shown: types are merged, fields that were null once may be null, nested objects and lists are
/// described to a bounded depth, and a text has a format where every one had it. A description, no promise: the next record may differ.
/// </summary>
internal sealed partial class SchemaInference
{
    /// <summary>Deeper parts are called objects and lists, and nothing more.</summary>
    private const int DepthMax = 12;

    /// <summary>An object with more fields is a dictionary whose keys are data, and is described as one.</summary>
    private const int PropertiesMax = 500;

    private readonly Shape _root = new();

    public int Records { get; private set; }

    public void Add(Value record)
    {
        Records++;
        _root.Add(record, 0);
    }

    /// <summary>The schema of what was shown.</summary>
    public Value Schema()
    {
        var schema = new ValueMap().Set("$schema", Value.Of("http://json-schema.org/draft-07/schema#"));
        foreach (var (key, value) in _root.Schema().Map)
            schema.Set(key, value);

        return Value.Of(schema);
    }

    private static string? FormatOf(string text)
    {
        if (text.Length > 254)
            return null;
        if (DateTimePattern().IsMatch(text))
            return "date-time";
        if (DatePattern().IsMatch(text))
            return "date";

        return EmailPattern().IsMatch(text) ? "email" : null;
    }

    [GeneratedRegex(@"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex DateTimePattern();

    [GeneratedRegex(@"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])$", RegexOptions.CultureInvariant)]
    private static partial Regex DatePattern();

    [GeneratedRegex(@"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$", RegexOptions.CultureInvariant)]
    private static partial Regex EmailPattern();

    /// <summary>What one place of the records held so far.</summary>
    private sealed class Shape
    {
        private readonly SortedSet<string> _types = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Shape> _properties = new(StringComparer.Ordinal);
        private readonly List<string> _order = [];
        private bool _isDictionary;
        private Shape? _items;
        private string? _format;
        private bool _hasText;

        public void Add(Value value, int depth)
        {
            switch (value.Kind)
            {
                case ValueKind.Map:
                    _types.Add("object");
                    if (depth < DepthMax)
                        AddProperties(value.Map, depth);
                    break;
                case ValueKind.List:
                    _types.Add("array");
                    if (depth < DepthMax)
                        AddItems(value.List, depth);
                    break;
                case ValueKind.Text:
                    _types.Add("string");
                    AddText(value.Text);
                    break;
                default:
                    _types.Add(value.Kind switch { ValueKind.Boolean => "boolean", ValueKind.Integer => "integer", ValueKind.Float => "number", _ => "null" });
                    break;
            }
        }

        public Value Schema()
        {
            var schema = new ValueMap();

            // Every integer is a number, so where both came one name says it.
            var types = _types.Where(type => type != "integer" || !_types.Contains("number")).ToList();
            if (types.Count > 0)
                schema.Set("type", types.Count == 1 ? Value.Of(types[0]) : Value.Of(types.OrderBy(type => type != "null").ThenBy(type => type, StringComparer.Ordinal)));
            if (_format is not null)
                schema.Set("format", Value.Of(_format));
            if (_types.Contains("object"))
                SetProperties(schema);
            if (_items is not null)
                schema.Set("items", _items.Schema());

            return Value.Of(schema);
        }

        private void AddProperties(ValueMap map, int depth)
        {
            foreach (var (key, value) in map)
            {
                if (_isDictionary)
                {
                    _properties[""].Add(value, depth + 1);
                    continue;
                }

                if (!_properties.TryGetValue(key, out var property))
                {
                    if (_order.Count == PropertiesMax)
                    {
                        BecomeDictionary();
                        _properties[""].Add(value, depth + 1);
                        continue;
                    }

                    _properties[key] = property = new Shape();
                    _order.Add(key);
                }

                property.Add(value, depth + 1);
            }
        }

        private void AddItems(ValueList list, int depth)
        {
            _items ??= list.Count > 0 ? new Shape() : null;
            foreach (var item in list)
                _items!.Add(item, depth + 1);
        }

        private void AddText(string text)
        {
            var format = FormatOf(text);
            _format = !_hasText || _format == format ? format : null;
            _hasText = true;
        }

        private void BecomeDictionary()
        {
            var merged = new Shape();
            foreach (var property in _properties.Values)
                merged.Take(property);
            _properties.Clear();
            _order.Clear();
            _isDictionary = true;
            _properties[""] = merged;
        }

        /// <summary>Joins what another place held.</summary>
        private void Take(Shape other)
        {
            _types.UnionWith(other._types);
            if (other._hasText)
            {
                _format = !_hasText || _format == other._format ? other._format : null;
                _hasText = true;
            }

            if (other._items is not null)
                (_items ??= new Shape()).Take(other._items);
            if (other._isDictionary && !_isDictionary)
                BecomeDictionary();
            foreach (var (key, property) in other._properties)
            {
                var name = _isDictionary ? "" : key;
                if (!_properties.TryGetValue(name, out var own))
                {
                    _properties[name] = own = new Shape();
                    _order.Add(name);
                }

                own.Take(property);
            }
        }

        private void SetProperties(ValueMap schema)
        {
            if (_isDictionary)
            {
                schema.Set("additionalProperties", _properties[""].Schema());
                return;
            }

            var properties = new ValueMap();
            foreach (var key in _order)
                properties.Set(key, _properties[key].Schema());
            if (properties.Count > 0)
                schema.Set("properties", Value.Of(properties));
            schema.Set("additionalProperties", Value.True);
        }
    }
}
