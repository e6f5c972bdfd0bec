using System.Globalization;
using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Dynamic;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Hooks;
using ListBackup.Connectors.Reading;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads the key <c>x-listbackup</c>. See docs/connectors/x-listbackup.md.</summary>
internal sealed record Extensions(ConnectorInfo Info, OAuthDescription? OAuth, bool KeepsCookies)
{
    public WebhookDescription? Webhooks { get; init; }

    public const string Key = "x-listbackup";

    public static Extensions Parse(Value value, StreamIndex streams, IReadOnlyList<DynamicStream> dynamic, ParseContext context)
    {
        if (value.IsNothing)
            return new Extensions(ConnectorInfo.None, null, false);

        var reader = PlainReader.Of(value, Key, context);
        var oauth = reader.MapOrNull("oauth");
        var cookies = reader.MapOrNull("session") is { } session && session.Done(session.Flag("cookies", false));
        var info = new ConnectorInfo
        {
            Title = reader.TextOrNull("title"),
            Category = reader.TextOrNull("category"),
            Icon = reader.TextOrNull("icon"),
            DocsUrl = reader.TextOrNull("docs"),
            DailyQuota = reader.MapOrNull("daily_quota") is { } quota ? Quota(quota) : null,
        };
        if (reader.MapOrNull("streams") is { } extended)
        {
            foreach (var name in extended.Map.Keys.ToList())
            {
                if (Target(name, streams, dynamic) is not { } take)
                    context.Add(new ManifestProblem($"{Key}.streams.{name}", "", "The manifest has no stream of this name."));
                else if (extended.MapOrNull(name) is { } told)
                    take(Extension(told, streams, dynamic, context));
            }
        }

        // Streams that only the platform knows may be named, as everywhere here.
        var webhooks = reader.MapOrNull("webhooks") is { } hooks ? WebhooksReader.Read(hooks, name => dynamic.Count > 0 || streams.Has(name)) : null;

        return reader.Done(new Extensions(info, oauth is null ? null : Flow(oauth), cookies) { Webhooks = webhooks });
    }

    /// <summary>
    /// Who takes what stands under a name: the streams of that name, the streams of a dynamic stream, or (<c>tables/Contacts</c>) one of those; null:
    /// nobody. Names that only the platform knows cannot be proved, so they stand behind the name that can.
    /// </summary>
    private static Action<StreamExtension>? Target(string name, StreamIndex streams, IReadOnlyList<DynamicStream> dynamic)
    {
        if (streams.Has(name))
            return extension => Extend(streams[name], extension);
        if (dynamic.FirstOrDefault(known => known.Name == name) is { } all)
            return extension => all.Extension = extension;

        // What the manifest fills by itself are streams; what is said of one of them by its own name goes before.
        if (streams.All.Where(stream => stream.Dynamic == name).ToList() is { Count: > 0 } filled)
            return extension => Extend([.. filled.Where(stream => stream.Extensions == StreamExtensions.None)], extension);

        return dynamic.FirstOrDefault(known => name.StartsWith($"{known.Name}/", StringComparison.Ordinal)) is { } owner
            ? extension => owner.OwnExtensions[name[(owner.Name.Length + 1)..]] = extension
            : null;
    }

    private static void Extend(IReadOnlyList<StreamProgram> streams, StreamExtension extension)
    {
        foreach (var stream in streams)
            stream.Extend(extension);
    }

    private static StreamExtension Extension(PlainReader reader, StreamIndex streams, IReadOnlyList<DynamicStream> dynamic, ParseContext context)
    {
        var total = reader.MapOrNull("total") is { } probe ? Total(probe) : null;
        var extensions = reader.Done(new StreamExtensions
        {
            Title = reader.TextOrNull("title"),
            Label = reader.FieldOrNull("label"),
            Volatile = reader.Fields("volatile"),
            Deletes = reader.MapOrNull("deletes") is { } deletes ? Deletes(deletes) : DeleteDetection.ByFullRead,
            TellsTotal = total is not null,
            Relations = reader.Maps("relations", relation => relation.Done(new Relation(relation.Field("field"), relation.Text("stream"), relation.FieldOrNull("key")))),
            Classes = reader.MapOrNull("classes") is { } classes ? Classes(classes) : [],
            Attachments = reader.Maps("attachments", file => file.Done(new Attachment(file.Field("url"), file.FieldOrNull("name"), file.Flag("needs_credentials", false)))),
        });

        // Streams that only the platform knows may be named too; whether they are there shows when they are read.
        foreach (var named in dynamic.Count > 0 ? [] : extensions.Relations.Select(relation => relation.Stream).Append(extensions.Deletes.Stream).OfType<string>())
        {
            if (!streams.Has(named))
                context.Add(new ManifestProblem(reader.Path, "", $"It names the stream '{named}', which the manifest does not have."));
        }

        return new StreamExtension(extensions, total);
    }

    private static DeleteDetection Deletes(PlainReader reader)
    {
        var kind = reader.Text("by") switch
        {
            "full_read" => DeleteDetectionKind.FullRead,
            "field" => DeleteDetectionKind.Field,
            "stream" => DeleteDetectionKind.Stream,
            "id_sweep" => DeleteDetectionKind.IdSweep,
            "webhook" => DeleteDetectionKind.Webhook,
            "never" => DeleteDetectionKind.Never,
            _ => throw reader.Problem("by", "It is one of full_read, field, stream, id_sweep, webhook, never."),
        };
        var isList = kind is DeleteDetectionKind.Stream or DeleteDetectionKind.IdSweep;

        return reader.Done(new DeleteDetection
        {
            Kind = kind,
            Field = kind == DeleteDetectionKind.Field ? reader.Field("field") : null,
            Values = kind == DeleteDetectionKind.Field ? reader.Texts("values") : [],
            Stream = isList ? reader.Text("stream") : null,
            IdField = isList ? reader.Field("id_field") : null,
            Topic = kind == DeleteDetectionKind.Webhook ? reader.Text("topic") : null,
        });
    }

    private static IReadOnlyList<FieldClass> Classes(PlainReader reader) => reader.Done<IReadOnlyList<FieldClass>>(
    [
        .. reader.Fields("personal").Select(field => new FieldClass(field, PrivacyClass.Personal)),
        .. reader.Fields("sensitive").Select(field => new FieldClass(field, PrivacyClass.Sensitive)),
        .. reader.Fields("consent").Select(field => new FieldClass(field, PrivacyClass.Consent)),
    ]);

    private static TotalProbe Total(PlainReader reader)
    {
        if (reader.FieldOrNull("in_page") is { } field)
            return reader.Done(new TotalProbe(field, null, RequestInputs.None, null, null) { CountsRest = CountsRest(reader) });
        if (reader.MapOrNull("request") is not { } request)
            throw reader.Problem("in_page", "Either in_page or request is required.");

        var probe = new TotalProbe(
            null, request.Template("path", request.Text("path")), RequestInputs.Parse(request.AsComponent("total"), "parameters", request.Raw("parameters")),
            request.FieldOrNull("field"), request.TextOrNull("header"));
        request.Done(probe);

        return reader.Done(probe);
    }

    private static bool CountsRest(PlainReader reader) => reader.TextOrNull("counts") switch
    {
        null or "all" => false,
        "rest" => true,
        _ => throw reader.Problem("counts", "It is one of all, rest."),
    };

    private static DailyQuota Quota(PlainReader reader)
    {
        var (header, requests) = (reader.TextOrNull("limit_header"), reader.TextOrNull("requests"));
        if (header is null && requests is null)
            throw reader.Problem("requests", "Either limit_header or requests is required.");
        if (requests is not null && !(long.TryParse(requests, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= DailyQuota.RequestsMax))
            throw reader.Problem("requests", "A number of requests above zero is wanted.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(reader.TextOrNull("time_zone") ?? "UTC", out var zone))
            throw reader.Problem("time_zone", "The name of a time zone is wanted, such as Europe/Paris.");

        return reader.Done(new DailyQuota(header, requests is null ? null : long.Parse(requests, CultureInfo.InvariantCulture), zone));
    }

    private static OAuthDescription Flow(PlainReader reader) => reader.Done(new OAuthDescription
    {
        AuthorizeUrl = reader.Text("authorize_url"),
        TokenUrl = reader.Text("token_url"),
        RevokeUrl = reader.TextOrNull("revoke_url"),
        Scopes = reader.Texts("scopes"),
        ScopeSeparator = reader.TextOrNull("scope_separator") ?? " ",
        Pkce = reader.Flag("pkce", true),
        ClientInHeader = reader.Flag("client_in_header", false),
        AuthorizeParameters = reader.Raw("authorize_parameters") is { Kind: ValueKind.Map } parameters
            ? parameters.Map.ToDictionary(pair => pair.Key, pair => PythonText.Str(pair.Value), StringComparer.Ordinal)
            : new Dictionary<string, string>(StringComparer.Ordinal),
        ConfigFields = reader.MapOrNull("config_fields") is { } fields
            ? fields.Map.Keys.ToList().ToDictionary(key => key, fields.Field, StringComparer.Ordinal)
            : new Dictionary<string, FieldPath>(StringComparer.Ordinal),
        ClientIdField = reader.FieldOrNull("client_id_field"),
        ClientSecretField = reader.FieldOrNull("client_secret_field"),
    });
}
