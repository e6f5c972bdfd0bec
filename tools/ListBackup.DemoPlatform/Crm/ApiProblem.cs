namespace ListBackup.Demo.Crm;

/// <summary>A refusal, as the API words it.</summary>
internal sealed class ApiProblem(int status, string code, string message) : Exception(message)
{
    public int Status => status;
    public string Code => code;

    /// <summary>The record that stands in the way of a create, so that a client can update it instead.</summary>
    public string? ExistingId { get; init; }

    public static ApiProblem NotFound(string what) => new(404, "not_found", $"There is no such {what}.");

    public static ApiProblem Invalid(string message) => new(422, "invalid", message);

    public static ApiProblem BadRequest(string message) => new(400, "bad_request", message);

    public static ApiProblem ConsentRequired(string message) => new(422, "consent_required", message);
}
