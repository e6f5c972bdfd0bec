using ListBackup.Connectors.Authentication;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.Connectors.Reading;

/// <summary>The language's own description of a file that belongs to each record: an <see cref="Attachment"/>, where it is one.</summary>
internal static class FileUploader
{
    public static Attachment Parse(ComponentReader reader)
    {
        if (reader.Type != "FileUploader")
            throw reader.WrongType();

        var requester = reader.Component("requester", nameof(HttpRequester), HttpRequester.ParsePlain);
        var path = reader.Component("download_target_extractor", "DpathExtractor", static inner => inner.Done(inner.Templates("field_path")));
        if (reader.Has("file_extractor"))
            throw NotSupported("file_extractor", "A file inside of a JSON answer is not supported: its whole body has to be the file.");
        if (path.Count == 0 || path.Any(part => !part.IsConstant || part.Source is "*" or "**"))
            throw NotSupported("download_target_extractor", "Only a file whose address stands in one field of the record is supported.");
        if (requester.Method != HttpMethod.Get || AddressOf(requester) is not "download_target")
            throw NotSupported("requester", "Only a file that a GET of the record's own address brings is supported: {{ download_target }}.");

        return reader.Done(new Attachment(
            new FieldPath(path.Select(part => part.Source)),
            NameOf(reader.TemplateOrNull("filename_extractor")),
            NeedsCredentials: requester.Authenticator is not NoAuth));

        ManifestException NotSupported(string key, string reason) => new(reader.At(key), reader.Type, reason, ManifestProblemKind.NotSupportedYet);
    }

    /// <summary>The field that holds the file's name, where it is one field; our files are kept by record, so that nothing else is needed to tell them apart.</summary>
    private static FieldPath? NameOf(Template? name)
    {
        var parts = (name?.Source ?? "").Split(["{{", "}}"], StringSplitOptions.TrimEntries);

        return parts is ["", var one, ""] && one.StartsWith("record.", StringComparison.Ordinal) && one[7..].All(sign => char.IsLetterOrDigit(sign) || sign is '_' or '.')
            ? new FieldPath(one[7..].Split('.'))
            : null;
    }

    /// <summary>The one expression that the address consists of; null when it is anything else.</summary>
    private static string? AddressOf(HttpRequester requester) =>
        requester.Path is null && (requester.Url ?? requester.UrlBase)?.Source.Split(["{{", "}}"], StringSplitOptions.TrimEntries) is ["", var one, ""] ? one : null;
}
