namespace ListBackup.Connectors.Manifest;

internal static class ManifestCompiler
{
    public static ConnectorProgram Compile(string yaml, LoadOptions options) => throw new NotImplementedException();
}
