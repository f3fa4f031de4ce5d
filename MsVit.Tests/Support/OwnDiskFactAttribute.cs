using System.ComponentModel;
using System.Diagnostics;

namespace MsVit.Tests.Support;

/// <summary>A fact that needs a small disk of its own, mounted for one process alone; skipped where the system does not allow
/// that.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OwnDiskFactAttribute : FactAttribute
{
    private static readonly string[] Namespace = ["--user", "--map-root-user", "--mount"];
    private static readonly Lazy<bool> IsAllowed = new(Try);

    public OwnDiskFactAttribute() => Skip = IsAllowed.Value ? null
        : "Needs a mount namespace of its own (unshare --user --mount), which is not allowed here.";

    /// <summary>Starts the test assembly with a disk of a few MiB at a folder.</summary>
    public static Process Start(string folder, int mebibytes, string verb) => Process.Start(new ProcessStartInfo(
        "unshare", [.. Namespace, "sh", "-c", $"mount -t tmpfs -o size={mebibytes}m tmpfs \"$0\" && exec dotnet \"$1\" {verb} \"$0\"",
            folder, typeof(OwnDiskFactAttribute).Assembly.Location])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                "unshare", [.. Namespace, "mount", "-t", "tmpfs", "tmpfs", Path.GetTempPath()])
            { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
