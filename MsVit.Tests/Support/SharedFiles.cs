namespace MsVit.Tests.Support;

/// <summary>Says which of the wanted files and folders under <c>../shared</c> are absent.</summary>
internal static class SharedFiles
{
    /// <returns>The reason to skip a test, or null if nothing is missing.</returns>
    public static string? WhatIsMissing(IEnumerable<string> relativePaths)
    {
        var missing = relativePaths.Where(path => !Path.Exists(RepositoryRoot.Shared(path))).ToArray();
        return missing.Length == 0 ? null : $"Not there: {string.Join(", ", missing.Select(path => "../shared/" + path))}";
    }
}
