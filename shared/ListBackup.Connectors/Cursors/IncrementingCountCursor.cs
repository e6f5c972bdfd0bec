using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Cursors;

/// <summary>Reads by a number that only grows.</summary>
internal sealed class IncrementingCountCursor : IncrementalCursor
{
    private const string FieldName = "start_value";

    public required Template? StartValue { get; init; }

    public required RequestOption? StartOption { get; init; }

    public static new IncrementingCountCursor Parse(ComponentReader reader)
    {
        // The catalogue's own cursor field is a feature of the caller; we always use the manifest's.
        reader.Ignore("allow_catalog_defined_cursor_field");

        return reader.Done(new IncrementingCountCursor
        {
            Field = reader.Template("cursor_field"),
            StartValue = reader.TemplateOrNull("start_value"),
            StartOption = reader.ComponentOrNull("start_value_option", nameof(RequestOption), RequestOption.Parse),
            IsClientSide = true,
        });
    }

    public override IEnumerable<CursorSlice> Slices(ExpressionContext context, Value? from, CursorSlice? after, CursorSight sight)
    {
        // There is one interval, open at its end.
        if (after is not null)
            yield break;

        var start = from ?? (StartValue?.EvaluateText(context) is { } text ? Position(text, context) : null);

        // Without any start the platform is asked from 0, and whatever it sends is taken.
        yield return new CursorSlice(new ValueMap().Set(FieldName, start ?? Value.Of(0)), start ?? Value.None, Value.None, Value.None);
    }

    public override CursorSlice From(CursorSlice slice, Value position, ExpressionContext context) =>
        new(new ValueMap().Set(FieldName, position), position, slice.End, slice.Next);

    public override void Inject(RequestParts parts, CursorSlice slice, ExpressionContext context) => StartOption?.Inject(parts, slice.Fields[FieldName], context);

    protected override Value? PositionOfJson(ReadOnlySpan<byte> json) =>
        json.Length < 19 && Utf8Parser.TryParse(json, out long number, out var length) && length == json.Length ? Value.Of(number) : null;

    public override Value? Position(string text, ExpressionContext context) =>
        BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Value.Of(number) : null;

    public override string Format(Value position) => PythonText.Str(position);
}
