using ListBackup.Host;

return await HostProgram.RunAsync(args);
