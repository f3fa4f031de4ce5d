using System.Diagnostics;
using System.Runtime.InteropServices;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Cuda;
using MsVit.Tests.Support;

namespace MsVit.Tests.Distributed;

/// <summary>The calls to NCCL and to the driver, answered by a library that pretends to be both (fake_nccl.cpp).</summary>
[Collection(MpiJobs.Name)]
[Trait(LongTests.Trait, LongTests.Long)]
public sealed class NcclSumsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NeedsHostCompilerTheory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void Tensors_of_the_gpu_are_summed_by_NCCL_and_everything_is_given_back(string mpi)
    {
        var rank = "sums 3, left: contexts 0, events 0, streams 0, groups 0";
        Assert.Equal([rank, rank], MpiJob.Run(mpi, 2, RankWorker.Nccl, Library()).Lines());
    }

    [NeedsHostCompilerTheory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void What_NCCL_says_of_an_error_is_passed_on_with_rank_and_host(string mpi)
    {
        var job = MpiJob.Run(mpi, 2, RankWorker.Nccl, Library(), RankWorker.Fail);
        Assert.Equal(RankWorker.Thrown, job.ExitCode);
        Assert.Matches(@"Rank \d on .+: ncclAllReduce failed: a pretended failure \(NCCL error 3\)", job.Errors);
    }

    [Theory]
    [Mpi(MpiAttribute.Open)]
    [Mpi(MpiAttribute.Mpich)]
    public void Without_NCCL_they_are_summed_over_the_host_and_one_line_says_so(string mpi)
    {
        var job = MpiJob.Run(mpi, 2, RankWorker.NoNccl);
        Assert.Equal(["summed", "summed"], job.Lines());
        Assert.Single(job.Errors.Split('\n'), line => line.StartsWith("NCCL cannot be used on rank 0 on ", StringComparison.Ordinal));
        Assert.DoesNotContain("on rank 1", job.Errors);
    }

    [NeedsHostCompilerFact]
    public void NCCL_is_also_found_inside_torchs_own_library()
    {
        File.Move(Library(), Path.Combine(_folder.Path, "libtorch_cuda.so"));
        var library = Libraries(path => path).Nccl();
        Assert.True(NativeLibrary.TryGetExport(library, "ncclAllReduce", out _));
        NativeLibrary.Free(library);
    }

    [LinuxFact("libc.so.6")]
    public void A_library_without_NCCLs_functions_is_not_taken()
    {
        var file = _folder.Write("libtorch_cuda.so", []);
        var error = Assert.Throws<CudaUnavailableException>(() => Libraries(_ => "libc.so.6").Nccl());
        Assert.Equal($"NCCL was not found (tried libnccl.so.2, libnccl.so, {file}).", error.Message);
    }

    // Those in the folder alone, whatever this machine has.
    private CudaLibraries Libraries(Func<string, string> loaded) =>
        new([_folder.Path], path => path.StartsWith(_folder.Path, StringComparison.Ordinal) ? NativeLibrary.Load(loaded(path)) : 0);

    private string Library()
    {
        var source = RepositoryRoot.File("MsVit.Tests", "Distributed", "fake_nccl.cpp");
        var library = Path.Combine(_folder.Path, "fake_nccl.so");
        string[] options = ["-std=c++17", "-O1", "-shared", "-fPIC", "-w", source, "-o", library];
        using var process = Process.Start(new ProcessStartInfo(HostCompiler.Name!, options) { RedirectStandardError = true })!;
        var messages = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, messages);
        return library;
    }
}
