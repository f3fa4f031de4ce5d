using MsVit.MLNet;
using MsVit.Tests.Support;
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
            TorchThreads.FitToCores(isSetByUser: true);
            Assert.Equal(Environment.ProcessorCount + 3, torch.get_num_threads());
            TorchThreads.FitToCores(isSetByUser: false);
            Assert.Equal(Environment.ProcessorCount, torch.get_num_threads());

            torch.set_num_threads(1);
            TorchThreads.FitToCores(isSetByUser: false);
            Assert.Equal(1, torch.get_num_threads());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [LinuxFact("an OpenMP that limits the threads of one caller")]
    public void A_limit_holds_for_the_thread_that_set_it_and_ends_with_it()
    {
        var before = torch.get_num_threads();
        var elsewhere = 0;
        using (TorchThreads.LimitTo(1))
        {
            Assert.Equal(1, torch.get_num_threads());
            var other = new Thread(() => elsewhere = torch.get_num_threads());
            other.Start();
            other.Join();
        }
        Assert.Equal(before, torch.get_num_threads());
        Assert.Equal(before, elsewhere);
    }

    [Fact]
    public void A_limit_never_adds_threads()
    {
        var before = torch.get_num_threads();
        using (TorchThreads.LimitTo(before + 5))
        {
            Assert.Equal(before, torch.get_num_threads());
        }
        Assert.Equal(before, torch.get_num_threads());
    }
}
