namespace MsVit.Tests.Support;

/// <summary>A fact about what Linux alone has; it is skipped elsewhere, saying what is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(string needs) => Skip = OperatingSystem.IsLinux() ? null : $"Needs {needs}, which Linux alone has.";
}
