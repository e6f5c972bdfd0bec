namespace ListBackup.Host;

/// <summary>What a person reads when the process is ready.</summary>
internal static class Greeting
{
    public static string Text(HostSettings settings, Uri address)
    {
        var url = (settings.Url ?? address).ToString().TrimEnd('/');
        var mail = settings.Mail is null ? $"codes appear as messages in {Path.Combine(settings.Data, "outbox")}" : "codes come by e-mail";
        return $"""
            ListBackup is running at {url}
              sign up:  {url} or scripts/listbackup login; {mail}
              docs:     {url}/docs
              data:     {settings.Data}
              stop:     Ctrl+C
            """;
    }
}
