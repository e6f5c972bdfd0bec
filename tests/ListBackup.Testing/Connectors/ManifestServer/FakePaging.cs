using System.Globalization;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>A platform's pages, told from the manifest's paginator.</summary>
internal sealed class FakePaging
{
    /// <summary>Rows of a page where the manifest names no size.</summary>
    private const int SizeDefault = 7;

    public FakePaging(Component? paginator, ExpressionContext context)
    {
        if (paginator is null || paginator.Type is "NoPagination")
            return;
        if (paginator.Type is not ("" or "DefaultPaginator"))
            throw new CannotServeException("component", paginator.Type);
        Strategy = paginator.Child("pagination_strategy") ?? throw new CannotServeException("paginator", "It has no strategy.");
        if (Strategy.Type is not ("PageIncrement" or "OffsetIncrement" or "CursorPagination"))
            throw new CannotServeException("component", Strategy.Type);
        SizeOption = paginator.Child("page_size_option");
        TokenOption = paginator.Child("page_token_option");
        if (Strategy.Text("page_size") is { Length: > 0 } size && long.TryParse(Strategy.Template(size).EvaluateText(context), CultureInfo.InvariantCulture, out var rows))
            DeclaredSize = (int)rows;
    }

    public Component? Strategy { get; }

    public Component? SizeOption { get; }

    public Component? TokenOption { get; }

    public bool TokenIsPath => TokenOption?.Type == "RequestPath";

    public int? DeclaredSize { get; }

    /// <summary>Rows of a full page.</summary>
    public int Size => Strategy is null ? int.MaxValue : DeclaredSize is > 0 and { } declared ? declared : SizeDefault;

    public bool IsByAnswer => Strategy?.Type == "CursorPagination";

    public long FirstPage => Strategy?.Type == "PageIncrement" ? Strategy.Whole("start_from_page") ?? 0 : 0;

    /// <summary>The token of the first request; nothing when it carries none.</summary>
    public Value FirstToken => !IsByAnswer && Strategy?.Flag("inject_on_first_request") == true ? Value.Of(FirstPage) : Value.None;

    /// <summary>The token behind a page of counted pages.</summary>
    public Value TokenAfter(Value token, int offset, int rows) => Strategy?.Type == "PageIncrement"
        ? Value.Of((token.Kind == ValueKind.Integer ? token.Long : FirstPage) + 1)
        : Value.Of((long)offset + rows);
}
