using System.Xml;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Decoding;

/// <summary>
/// XML as the language sees it: elements are keys, attributes have an @ before their name, text beside them is #text, repetition is a list. Names keep the
/// prefix of their namespace, and a text loses the blanks around it, which mostly are how the document is laid out.
/// </summary>
internal sealed class XmlDecoder : WholeDecoder
{
    /// <summary>No DTD: entities could name files or multiply without end.</summary>
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
        CloseInput = true,
    };

    // A document names its encoding itself, and may name one that .NET has only for who asks.
    static XmlDecoder() => TextEncodings.Find("utf-8");

    protected override PageBuffer Decode(PageBuffer body, int bytesMax)
    {
        try
        {
            using var reader = XmlReader.Create(new ReadOnlyMemoryStream(body.Memory), Settings);
            reader.MoveToContent();
            var root = new ValueMap().Set(reader.Name, Element(reader, 0));
            var output = new PageBuffer((int)Math.Min(bytesMax * 4L, int.MaxValue));
            ValueJson.Write(Value.Of(root), output);

            return output;
        }
        catch (XmlException)
        {
            throw new NotReadableException("it is not XML");
        }
    }

    private static Value Element(XmlReader reader, int depth)
    {
        if (depth > ValueJson.DepthMax - 2)
            throw new NotReadableException("its XML is nested too deep");

        var map = new ValueMap();
        var isEmpty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
            map.Set("@" + reader.Name, Value.Of(reader.Value));
        reader.MoveToElement();
        var text = isEmpty ? "" : Children(reader, map, depth).Trim();
        if (map.Count == 0)
            return text.Length == 0 ? Value.None : Value.Of(text);
        if (text.Length > 0)
            map.Set("#text", Value.Of(text));

        return Value.Of(map);
    }

    private static string Children(XmlReader reader, ValueMap map, int depth)
    {
        var text = "";
        while (reader.Read() && reader.NodeType != XmlNodeType.EndElement)
        {
            if (reader.NodeType == XmlNodeType.Element)
                Add(map, reader.Name, Element(reader, depth + 1));
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
                text += reader.Value;
        }

        return text;
    }

    private static void Add(ValueMap map, string name, Value value)
    {
        if (!map.TryGet(name, out var present))
            map.Set(name, value);
        else if (present.Kind == ValueKind.List)
            present.List.Add(value);
        else
            map.Set(name, Value.Of(new ValueList([present, value])));
    }
}
