using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MsVit.Tests.Support;

/// <summary>A PostgreSQL server of its own for a test, in a temporary folder; it is stopped and deleted in the end.</summary>
internal sealed class PostgresServer : IDisposable
{
    private const string Versions = "/usr/lib/postgresql";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("msvit-pg-");
    private readonly int _port = FreePort();

    public PostgresServer()
    {
        Own("chmod", "0777", _folder.FullName);
        Tool("initdb", "--pgdata", Data, "--auth", "trust", "--username", "tests", "--encoding", "UTF8", "--no-sync");
        Start();
        Tool("createdb", "--host", _folder.FullName, "--port", $"{_port}", "--username", "tests", "sweeps");
    }

    /// <summary>What is missing to run one; null for nothing.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() ? "Needs PostgreSQL's programs as Debian installs them (apt-get install postgresql)."
        : Bin is null ? $"Needs PostgreSQL's programs under {Versions} (apt-get install postgresql)."
        : IsRoot && !File.Exists("/usr/sbin/runuser") ? "Needs runuser: PostgreSQL does not run as root."
        : null;

    /// <summary>How to reach it.</summary>
    public string ConnectionString => $"Host={_folder.FullName};Port={_port};Username=tests;Database=sweeps;Timeout=5";

    public void Start() => Tool("pg_ctl", "start", "--pgdata", Data, "--wait", "--silent", "--log", Path.Combine(_folder.FullName, "log"),
        "--options", $"-k {_folder.FullName} -p {_port} -c listen_addresses= -c fsync=off");

    /// <summary>Ends it at once, cutting every connection.</summary>
    public void Stop() => Tool("pg_ctl", "stop", "--pgdata", Data, "--mode", "immediate", "--wait", "--silent");

    public void Dispose()
    {
        Stop();
        Own("rm", "-rf", _folder.FullName);
    }

    private static string? Bin => Directory.Exists(Versions)
        ? Directory.GetDirectories(Versions).Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order().LastOrDefault()
        : null;

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(_folder.FullName, "data");

    // The server refuses to run as root; Debian's package makes the user postgres.
    private static void Tool(string name, params string[] arguments)
    {
        var program = Path.Combine(Bin!, name);
        if (IsRoot)
        {
            Own("/usr/sbin/runuser", ["-u", "postgres", "--", program, .. arguments]);
        }
        else
        {
            Own(program, arguments);
        }
    }

    private static void Own(string program, params string[] arguments)
    {
        // A server that was started holds the streams that it inherited: none are given.
        var shell = string.Join(' ', arguments.Prepend(program).Select(word => $"'{word}'"));
        var log = Path.GetTempFileName();
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"cd / && {shell} >'{log}' 2>&1 </dev/null"]))!;
        process.WaitForExit();
        var said = File.ReadAllText(log);
        File.Delete(log);
        Assert.True(process.ExitCode == 0, $"{shell} ended with {process.ExitCode}: {said}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
