using System.Numerics;
using MsVit.MLNet;

namespace MsVit.Tests.Distributed;

public sealed class LaunchTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=2 PMIX_RANK=2", "mpirun of Open MPI", 4, 2, "libmpi.so.40")]
    [InlineData("PMI_SIZE=4 PMI_RANK=3", "mpiexec of MPICH", 4, 3, "libmpich.so.12")]
    [InlineData("PMI_SIZE=4 PMI_RANK=3 SLURM_STEP_NUM_TASKS=4", "srun or mpiexec", 4, 3, "libmpich.so.12")]
    [InlineData("PMIX_RANK=5 SLURM_STEP_NUM_TASKS=8", "srun", 8, 5, "libmpi.so.40")]
    [InlineData("PMIX_RANK=5", "a launcher with PMIx", null, 5, "libmpi.so.40")]
    [InlineData("SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=6", "srun without an MPI plugin", 8, 6, "libmpich.so.12")]
    public void The_environment_says_who_started_how_many_ranks(string environment, string launcher, int? size, int rank, string library)
    {
        var launch = Of(environment)!;
        Assert.Equal((launcher, size, rank), (launch.Launcher, launch.Size, launch.Rank));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(library, launch.Libraries[0]);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0")]
    [InlineData("PMI_SIZE=1 PMI_RANK=0")]
    [InlineData("SLURM_NTASKS=8 SLURM_PROCID=0")]
    [InlineData("SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0")]
    public void A_process_without_a_launcher_or_without_others_is_alone(string environment) => Assert.Null(Of(environment));

    [Fact]
    public void Without_a_library_the_message_says_what_was_looked_for_and_what_to_install()
    {
        var looked = new List<string>();
        var launch = Of("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=2")!;
        var error = Assert.Throws<RankGroupException>(() => MpiLibrary.Load(launch, chosen: null, name =>
        {
            looked.Add(name);
            return 0;
        }));
        Assert.Equal(launch.Libraries, looked);
        Assert.StartsWith("The launcher (mpirun of Open MPI) started this process as rank 2, but no MPI library was found: looked for "
            + "libmpi.so.40, libmpi.so. Install Open MPI if it is missing (Debian and Ubuntu: apt-get install openmpi-bin), or set "
            + "MSVIT_MPI to the path of the library.", error.Message);
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 1, 16, 4, true)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 4, 16, 4, false)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 16, 16, 4, false)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 1, 0, 4, false)]
    [InlineData("PMI_SIZE=4", 1, 16, 4, false)]
    public void Cores_that_Open_MPI_keeps_from_the_ranks_are_noticed(string environment, int own, int all, int ranks, bool isNoticed)
    {
        var line = Of(environment)!.Binding((BigInteger.One << own) - 1, (BigInteger.One << all) - 1, ranks);
        Assert.Equal(isNoticed ? "mpirun of Open MPI lets each of 4 ranks use 1 of 16 cores of the host. To use all, add --bind-to none, "
            + "or --map-by slot:PE=4, to mpirun." : null, line);
    }

    [Fact]
    public void Sets_of_cores_are_read_as_Linux_writes_them()
    {
        Assert.Equal(0b1_0000_1111, CoreMask.OfList("0-3,8\n"));
        Assert.Equal(0xff_ffffffff, CoreMask.Parse("ff" + "ffffffff"));
        Assert.Equal(0, CoreMask.Parse("none"));
        Assert.Equal(4, CoreMask.Count(0b1111));
    }

    private static Launch? Of(string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split('='))
            .ToDictionary(each => each[0], each => each[1]);
        return Launch.Of(name => variables.GetValueOrDefault(name));
    }
}
