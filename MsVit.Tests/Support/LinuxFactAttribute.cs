namespace MsVit.Tests.Support;

/// <summary>A fact about what Linux alone has; it is skipped elsewhere, saying what is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(string needs) => Skip = Missing(needs);

    internal static string? Missing(string needs) => OperatingSystem.IsLinux() ? null : $"Needs {needs}, which Linux alone has.";
}

/// <summary>A fact about what Windows alone has; it is skipped elsewhere, saying what is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WindowsFactAttribute : FactAttribute
{
    public WindowsFactAttribute(string needs) => Skip = OperatingSystem.IsWindows() ? null : $"Needs {needs}, which Windows alone has.";
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute(string needs) => Skip = LinuxFactAttribute.Missing(needs);
}
