using System.Reflection;
using Xunit.Sdk;

namespace MsVit.Tests.Distributed;

/// <summary>Runs a theory with the launcher of one MPI; that case is skipped where its package is missing.</summary>
/// <param name="mpi">Open MPI's or MPICH's name, as Debian writes it.</param>
/// <param name="cases">A static property of the class with the names of several cases; null (the default) for one case.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
[DataDiscoverer("Xunit.Sdk.DataDiscoverer", "xunit.core")]
public sealed class MpiAttribute(string mpi, string? cases = null) : DataAttribute
{
    public const string Open = "openmpi";
    public const string Mpich = "mpich";

    /// <summary>Whether the other MPI is needed, too.</summary>
    public bool NeedsOther { get; set; }

    public override string? Skip
    {
        get => Missing(mpi) ?? (NeedsOther ? Missing(mpi == Open ? Mpich : Open) : null);
        set => throw new NotSupportedException();
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => cases is null
        ? [[mpi]]
        : from name in (IEnumerable<string>)testMethod.DeclaringType!.GetProperty(cases)!.GetValue(null)! select new[] { mpi, name };

    private static string? Missing(string mpi) => MpiJob.IsOnPath(mpi) ? null
        : $"Needs {MpiJob.Launcher(mpi)}, as Debian installs it (apt-get install {(mpi == Open ? "openmpi-bin" : Mpich)}).";
}
