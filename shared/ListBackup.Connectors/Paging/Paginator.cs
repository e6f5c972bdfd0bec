using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Paging;

/// <summary>How to get from one page to the next.</summary>
internal sealed class Paginator
{
    public static readonly Paginator None = new(null, null, null, false);

    private readonly RequestOption? _sizeOption;
    private readonly RequestOption? _tokenOption;
    private readonly bool _tokenIsPath;

    private Paginator(PaginationStrategy? strategy, RequestOption? sizeOption, RequestOption? tokenOption, bool tokenIsPath)
    {
        Strategy = strategy;
        _sizeOption = sizeOption;
        _tokenOption = tokenOption;
        _tokenIsPath = tokenIsPath;
    }

    /// <summary>Null when there is only one page.</summary>
    public PaginationStrategy? Strategy { get; }

    public static Paginator Parse(ComponentReader reader)
    {
        switch (reader.Type)
        {
            case "NoPagination":
                return reader.Done(None);
            case "DefaultPaginator":
                break;
            default:
                throw reader.WrongType();
        }

        var strategy = reader.Component("pagination_strategy", nameof(PageIncrement), PaginationStrategy.Parse);
        var size = reader.ComponentOrNull("page_size_option", nameof(RequestOption), RequestOption.Parse);
        var token = reader.ComponentOrNull("page_token_option", nameof(RequestOption), TokenOption.Parse);
        if (size is not null && strategy.PageSize is null)
            throw reader.Problem("page_size_option", "The pagination strategy has no page_size that could be sent.");

        return reader.Done(new Paginator(strategy, size, token?.Option, token?.IsPath ?? false));
    }

    /// <summary>The token of the first page; nothing when the first request carries none.</summary>
    public Value FirstToken(ExpressionContext context) => Strategy?.FirstToken(context) ?? Value.None;

    /// <summary>The path that a token stands for, when tokens are paths.</summary>
    public string? Path(Value token) => _tokenIsPath && !token.IsNothing ? PythonText.Str(token) : null;

    public void Inject(RequestParts parts, Value token, ExpressionContext context)
    {
        if (_sizeOption is not null && Strategy?.PageSize?.Evaluate(context) is { } size)
            _sizeOption.Inject(parts, size, context);
        _tokenOption?.Inject(parts, token, context);
    }

    /// <param name="IsPath">The token replaces the path of the request.</param>
    private sealed record TokenOption(RequestOption? Option, bool IsPath)
    {
        public static TokenOption Parse(ComponentReader reader) =>
            reader.Type == "RequestPath" ? reader.Done(new TokenOption(null, true)) : new TokenOption(RequestOption.Parse(reader), false);
    }
}
