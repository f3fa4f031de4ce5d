using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Gives torch no more threads than the process has cores.</summary>
/// <remarks>
/// Torch counts the machine's cores; .NET counts those that the process may use, a container's CPU limit and an affinity
/// mask included. More threads than cores wait for each other. A number that the user set by OMP_NUM_THREADS is left alone.
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
