namespace MsVit.Tests.Support;

/// <summary>A fact about a page in a browser; it is skipped, saying so, where Debian's chromium is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public const string Chromium = "/usr/bin/chromium";

    public BrowserFactAttribute() => Skip = Missing;

    internal static string? Missing => File.Exists(Chromium) ? null : $"Needs {Chromium}: apt-get install chromium.";
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = BrowserFactAttribute.Missing;
}
