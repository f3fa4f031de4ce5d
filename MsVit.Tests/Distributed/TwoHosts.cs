using System.Diagnostics;
using System.Globalization;
using System.Text;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>
/// Two network namespaces, which MPI takes for two hosts, node-a and node-b, with a network between them that can be cut.
/// </summary>
internal sealed class TwoHosts : IDisposable
{
    private const string Addresses = "10.77.0.1,10.77.0.2";

    // Of the same name on both hosts, because UCX matches network cards by their order, which follows from the name.
    private const string Card = "msvit0";

    private static readonly string Tag = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private readonly string _a = $"msvit-a{Tag}", _b = $"msvit-b{Tag}";

    private readonly TemporaryFolder _folder = new();
    private readonly string _agent;

    public TwoHosts()
    {
        // It stands in for ssh: it runs a command on the host of a name.
        _agent = _folder.Write("agent.sh", Encoding.ASCII.GetBytes($$"""
            #!/bin/sh
            while [ "${1#-}" != "$1" ]; do case "$1" in -l|-p|-o) shift 2;; *) shift;; esac; done
            host=$1; shift
            case $host in 10.77.0.1|node-a) space={{_a}}; name=node-a;; *) space={{_b}}; name=node-b;; esac
            exec ip netns exec $space unshare --uts sh -c "hostname $name; $*"

            """));
        Shell($"""
            set -e
            chmod +x {_agent}
            ip netns add {_a}; ip netns add {_b}
            ip link add {Card} netns {_a} type veth peer name {Card} netns {_b}
            ip -n {_a} addr add 10.77.0.1/24 dev {Card}; ip -n {_b} addr add 10.77.0.2/24 dev {Card}
            for each in {_a} {_b}; do ip -n $each link set lo up; done
            ip -n {_a} link set {Card} up; ip -n {_b} link set {Card} up
            for each in {_a} {_b}; do
                timeout 20 ip netns exec $each sh -c 'until grep -q up /sys/class/net/{Card}/operstate; do sleep 0.1; done'
            done
            """);
    }

    /// <summary>What is missing to make them; null for nothing.</summary>
    public static string? Missing { get; } =
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "Needs root on Linux, to make network namespaces."
        : Try($"ip netns add msvit-{Tag} && ip netns del msvit-{Tag} && unshare --uts true") is { Length: > 0 } fault
            ? $"Needs network namespaces: {fault}"
        : null;

    /// <summary>The start of a job of one rank on each host, for <see cref="MpiJob"/>.</summary>
    public ProcessStartInfo Launcher(string mpi)
    {
        string[] options = mpi == MpiAttribute.Open
            ? ["--host", "10.77.0.1:1,10.77.0.2:1", "--mca", "plm_rsh_agent", _agent, "--mca", "btl", "tcp,self",
                "--mca", "btl_tcp_if_include", "10.77.0.0/24", "--mca", "oob_tcp_if_include", "10.77.0.0/24"]
            : ["-genv", "UCX_TLS", "tcp,self", "-genv", "UCX_NET_DEVICES", Card, "-launcher", "ssh", "-launcher-exec",
                _agent, "-hosts", Addresses];
        var start = $"hostname node-a; exec {MpiJob.Launcher(mpi)} \"$@\"";
        return new("ip", ["netns", "exec", _a, "unshare", "--uts", "sh", "-c", start, "sh", .. options]);
    }

    /// <summary>Cuts the network. Neither side is told.</summary>
    public void Cut() => Shell($"ip -n {_a} link set {Card} down");

    public void Dispose()
    {
        Shell($"for each in {_a} {_b}; do for id in $(ip netns pids $each); do kill -KILL $id; done; ip netns del $each; done");
        _folder.Dispose();
    }

    private static void Shell(string script) => Assert.Equal("", Try(script));

    // What the script complains of; nothing if it ended well.
    private static string Try(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"{process.ExitCode}: {errors.Trim()}";
    }
}

/// <summary>A theory over two hosts; skipped where they cannot be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TwoHostsTheoryAttribute : TheoryAttribute
{
    public TwoHostsTheoryAttribute() => Skip = TwoHosts.Missing;
}
