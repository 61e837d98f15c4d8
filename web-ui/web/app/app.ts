console.log('lathe');
