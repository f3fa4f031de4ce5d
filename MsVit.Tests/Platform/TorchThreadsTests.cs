using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Platform;

public sealed class TorchThreadsTests
{
    [Fact]
    public void Torch_gets_no_more_threads_than_the_process_has_cores()
    {
        var before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(Environment.ProcessorCount + 3);
            TorchThreads.FitToCores();
            Assert.Equal(Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null ? Environment.ProcessorCount
                : Environment.ProcessorCount + 3, torch.get_num_threads());

            torch.set_num_threads(1);
            TorchThreads.FitToCores();
            Assert.Equal(1, torch.get_num_threads());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }
}
