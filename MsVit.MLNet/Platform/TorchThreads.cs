using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Gives torch no more threads than the process has cores.</summary>
/// <remarks>
/// torch counts the cores of the machine; .NET counts those that the process may use, given a container's CPU limit and an affinity
/// mask. More threads than cores wait for each other. A number that the user has set with OMP_NUM_THREADS is kept.
/// </remarks>
internal static class TorchThreads
{
    public static void FitToCores()
    {
        if (get_num_threads() > Environment.ProcessorCount && Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            set_num_threads(Environment.ProcessorCount);
        }
    }
}
