namespace MsVit.MLNet;

/// <summary>Makes torch's threads sleep sooner while they wait for each other.</summary>
/// <remarks>
/// GNU's OpenMP spins 300,000 times at every barrier, about a millisecond. If other processes use the cores as well, a spinning thread
/// keeps the thread that it waits for from running, and small networks become many times slower. The library reads its setting once,
/// when torch is loaded. A setting made by the user is kept.
/// </remarks>
internal static class OpenMpWaiting
{
    public static void Shorten()
    {
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            NativeEnvironment.SetDefault("GOMP_SPINCOUNT", "20000");
        }
    }
}
