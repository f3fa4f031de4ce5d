using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>How many threads torch's operations run on.</summary>
/// <remarks>
/// torch counts the cores of the machine; .NET counts those that the process may use, given a container's CPU limit and an affinity
/// mask. More threads than cores wait for each other. A number that the user has set with OMP_NUM_THREADS is the most that is used.
/// </remarks>
internal static class TorchThreads
{
    /// <summary>Whether the user has set the number of threads.</summary>
    public static bool IsSetByUser => Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not null;

    /// <summary>Gives torch no more threads than the process has cores.</summary>
    /// <param name="isSetByUser">Whether the user has set the number; it is kept then.</param>
    public static void FitToCores(bool isSetByUser)
    {
        if (get_num_threads() > Environment.ProcessorCount && !isSetByUser)
        {
            set_num_threads(Environment.ProcessorCount);
        }
    }

    /// <summary>Limits the threads of the operations that the calling thread starts, until it disposes of the result.</summary>
    /// <param name="most">The most threads, 1 or more. Where torch has fewer, it keeps them.</param>
    public static Limit LimitTo(int most) => new(most);

    /// <summary>A limit for the thread that set it. Does nothing where torch's OpenMP cannot be asked for it.</summary>
    public readonly ref struct Limit
    {
        private readonly int _before;

        internal Limit(int most)
        {
            // torch sets the number of a new thread when it is first asked for, so it is asked before it is changed.
            var now = get_num_threads();
            if (most < now && OpenMp.HasThreadSetter)
            {
                _before = now;
                OpenMp.SetThreads(most);
            }
        }

        /// <summary>Restores the number from before.</summary>
        public void Dispose()
        {
            if (_before > 0)
            {
                OpenMp.SetThreads(_before);
            }
        }
    }
}
