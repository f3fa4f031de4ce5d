using MsVit.Samples;

// dotnet run --project MsVit.Samples [-- NAME [options]] runs the sample with that name, the first one by default.
return RootCommandLine.Invoke(args);
