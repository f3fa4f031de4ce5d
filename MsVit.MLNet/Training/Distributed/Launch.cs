using System.Globalization;
using System.Numerics;

namespace MsVit.MLNet;

/// <summary>What the launcher of MPI wrote into the environment of the processes that it started.</summary>
/// <param name="Launcher">The launcher, as the user knows it.</param>
/// <param name="Size">How many ranks it started; null if it does not say.</param>
/// <param name="Rank">The number of this process.</param>
/// <param name="Libraries">The libraries that may belong to it, the most likely one first.</param>
/// <param name="Advice">How to get the library.</param>
internal sealed record Launch(string Launcher, int? Size, int Rank, IReadOnlyList<string> Libraries, string Advice)
{
    /// <summary>The environment variable by which users choose a library, by name or path.</summary>
    public const string Chosen = "MSVIT_MPI";

    private const string OpenMpiPackage = "Install Open MPI if it is missing (Debian and Ubuntu: apt-get install openmpi-bin)";
    private const string MpichPackage = "Install MPICH if it is missing (Debian and Ubuntu: apt-get install mpich)";

    private static readonly string[] OpenMpi = ["libmpi.so.40", "libmpi.so"];

    // Intel MPI and Cray MPICH have MPICH's ABI under the second name, Debian's MPICH has the first.
    private static readonly string[] Mpich =
        OperatingSystem.IsWindows() ? ["msmpi.dll", "impi.dll"] : ["libmpich.so.12", "libmpi.so.12", "libmpi_cray.so.12"];

    /// <summary>Reads the environment. Null if no launcher started this process, or started it alone.</summary>
    /// <param name="variable">Reads a variable; null if it is not set.</param>
    public static Launch? Of(Func<string, string?> variable)
    {
        var launch =
            Number("OMPI_COMM_WORLD_SIZE") is { } ompi
                ? new Launch("mpirun of Open MPI", ompi, Number("OMPI_COMM_WORLD_RANK") ?? 0, OpenMpi, OpenMpiPackage)
            : Number("PMI_SIZE") is { } pmi
                ? new(IsSlurm() ? "srun or mpiexec" : "mpiexec of MPICH", pmi, Number("PMI_RANK") ?? 0, [.. Mpich, .. OpenMpi],
                    MpichPackage)
            : Number("PMIX_RANK") is { } pmix
                ? new(IsSlurm() ? "srun" : "a launcher with PMIx", Tasks(), pmix, [.. OpenMpi, .. Mpich], OpenMpiPackage)
            : IsSlurm()
                ? new("srun without an MPI plugin", Tasks(), Number("SLURM_PROCID") ?? 0, [.. Mpich, .. OpenMpi],
                    "Start with srun --mpi=pmix or srun --mpi=pmi2, as the cluster has it")
            : null;
        return launch is null or { Size: 1 } ? null : launch;

        bool IsSlurm() => Tasks() is > 1;

        // srun sets it for each task; sbatch does not set it for the script.
        int? Tasks() => Number("SLURM_STEP_NUM_TASKS");

        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Why a group of another size than the launcher's is refused.</summary>
    /// <param name="size">How many ranks the library sees.</param>
    /// <param name="library">The library.</param>
    public string Mismatch(int size, string library) =>
        $"The launcher ({Launcher}) started {(Size is { } wanted ? $"{wanted} ranks" : "several ranks")} and this is rank {Rank}, but the "
        + $"MPI library {library} sees {size}. Each process would train alone. The launcher and the library belong to different "
        + $"installations of MPI. Use the mpiexec of that library, or set {Chosen} to the library of the launcher, such as {Libraries[0]}. "
        + $"{Advice}.";

    /// <summary>Warns if the launcher gives the ranks less than all cores; null if it does not.</summary>
    /// <param name="own">The cores of this process.</param>
    /// <param name="all">Those of the launcher on this host; 0 if not known.</param>
    /// <param name="ranks">How many ranks this host has.</param>
    public string? Binding(BigInteger own, BigInteger all, int ranks)
    {
        // Open MPI binds by itself; all others bind only if the user or the cluster says so.
        var (few, many) = (CoreMask.Count(own), CoreMask.Count(all));
        return Libraries != OpenMpi || few * ranks >= many ? null
            : $"{Launcher} lets each of {ranks} ranks use {few} of {many} cores of the host. To use all, add --bind-to none, or "
                + $"--map-by slot:PE={many / ranks}, to mpirun.";
    }
}
