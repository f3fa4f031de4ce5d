namespace MsVit.Tests.Support;

public sealed class SuiteLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "suite.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_case_that_ended_has_ended_for_the_next_process_too()
    {
        using (var log = new SuiteLog(Path))
        {
            log.Start("a", "First(x: 1)");
            log.Failed("First(x: 1)", "Expected 1\r\n  at Second");
            log.End("a", "First(x: 1)", 1, 1, 0);
            log.End("a", "First(x: 1)", 1, 0, 0);
        }
        using (var again = new SuiteLog(Path))
        {
            Assert.True(again.HasEnded("a"));
            Assert.False(again.WasCutOff("a"));
            Assert.False(again.HasEnded("b"));
            again.Done();
        }
        Assert.Equal(["START a First(x: 1)", "FAIL First(x: 1)", "  Expected 1", "    at Second", "END a 1 1 0 First(x: 1)", "DONE"],
            File.ReadAllLines(Path));
    }

    [Fact]
    public void A_case_that_twice_did_not_end_has_failed()
    {
        for (var tries = 0; tries < 2; tries++)
        {
            using var log = new SuiteLog(Path);
            Assert.Equal(tries > 0, log.WasCutOff("a"));
            Assert.False(log.HasEnded("a"));
            log.Start("a", "First");
        }
        using (var log = new SuiteLog(Path))
        {
            Assert.True(log.HasEnded("a"));
            Assert.False(log.WasCutOff("a"));
        }
        Assert.Equal(["START a First", "START a First", "FAIL First", "  The process ended, or was killed, during this test.",
            "END a 1 1 0 First"], File.ReadAllLines(Path));
    }
}
