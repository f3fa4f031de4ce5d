namespace MsVit.MLNet;

/// <summary>Makes torch's threads sleep sooner while they wait for each other.</summary>
/// <remarks>
/// GNU's OpenMP spins 300,000 times at every barrier, about a millisecond. Where other processes want the cores too, a thread that spins
/// keeps the one that it waits for from running, and small networks become many times slower. The library reads its setting once,
/// when torch is loaded; a setting of the user's own is left alone.
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
